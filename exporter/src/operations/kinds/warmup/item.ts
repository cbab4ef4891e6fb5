import type { Outcome } from './counts.js'

/** How a value is written: SET, RESTORE, or the script with the command that adds elements. */
export type How = 'string' | 'dump' | 'list' | 'set' | 'hash' | 'zset'

const EMPTY: Buffer = Buffer.alloc(0)

/**
 * A key on its way, filled in as it goes along: one object a key, because there are many. Frames are as they stand on
 * the wire, so that bytes are copied and never decoded.
 */
export class Item {
  how: How = 'string'
  /** Bulk string for `string` and `dump`; else the elements, bulk strings back to back, as the command takes them. */
  value: Buffer = EMPTY
  /** How many bulk strings `value` holds. */
  elements = 1
  /** What the source said it has left at the moment `readAt`; ms; negative: it never expires. */
  ttlMs = -1
  /** On the clock of the run, ms. */
  readAt = 0
  /** What it takes in the memory of the source; bytes. */
  bytes = 0
  /** Seconds of idleness or the frequency counter, as the target's policy counts; negative: not carried over. */
  heat = -1
  /** When the copy expires on the clock of the run; ms; Infinity: never. */
  expiresAt = Infinity
  /** How much memory the copy may take; bytes. */
  cost = 0
  /** It was sent once, and no answer came: it may be written. */
  unanswered = false
  /** The page it came with, which is told what became of it. */
  page: Page | undefined

  /** @param key bulk string */
  constructor(
    readonly key: Buffer,
    readonly slot: number,
  ) {}

  /** Lets go of the value: the page it was found in may be held for long. */
  forget(): void {
    this.value = EMPTY
  }
}

/** Told once for each of its items. */
export interface Page {
  settle(item: Item, outcome: Outcome, shard: string, error?: string): void
}
