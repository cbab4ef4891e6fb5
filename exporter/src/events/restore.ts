import type { FoldSnapshot } from './backup.js'
import type { EventRow } from './chain.js'
import type { Cut } from './trim.js'

/** Takes a backup into a new log. Nothing of it counts before `finish`, whatever ends this program. */
export interface LogRestore {
  /** @param cut where the log of the backup begins; undefined when it was never trimmed */
  begin(cut: Cut | undefined): void
  /** Events come in the order of their positions. @throws LogUnavailable */
  event(row: EventRow): void | Promise<void>
  /** @throws LogUnavailable */
  snapshot(snapshot: FoldSnapshot): void | Promise<void>
  /**
   * @param floor every token of a lease will be greater; the backup does not know those that were given after it
   * @throws LogUnavailable
   */
  finish(floor: number): void | Promise<void>
  /** Takes away what was written. */
  abandon(): void | Promise<void>
}
