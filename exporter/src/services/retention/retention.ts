import { saveFold, type Fold } from '../../events/fold.js'
import type { EventLog, Trimmed } from '../../events/log.js'

/** A fold that somebody else keeps. */
export interface KeptFold {
  readonly name: string
  readonly format: number
  /** Keeps a snapshot of it, if it can now. */
  readonly save: () => Promise<void>
}

export interface RetentionOptions {
  readonly log: EventLog
  /** Folds whose snapshots are made here. */
  readonly folds: readonly Fold<unknown>[]
  /** Folds that must have a snapshot, too, before anything is removed. */
  readonly kept: readonly KeptFold[]
  /** How long events are kept; 0: for ever. */
  readonly keepMs: number
  readonly everyMs: number
  /** This process. */
  readonly owner: string
  readonly now: () => Date
  readonly onTrimmed: (trimmed: Trimmed) => void
  readonly onError: (error: unknown) => void
}

const LEASE = 'retention'

/**
 * Old events go in so many pieces, over the time that they are kept: each removal is told by an event with the heads of
 * all streams, and that is as many of those as the log ever has.
 */
const PIECES = 30

/** Keeps snapshots of folds, so that a start is quick, and removes events that are older than they have to be. */
export class Retention {
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(private readonly options: RetentionOptions) {}

  /** At once, and from time to time from then on. */
  start(): void {
    this.#running = this.#run().finally(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.options.everyMs)
    })
  }

  /** Resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      await this.#keep()
    } catch (error) {
      this.options.onError(error)
    }
  }

  /** Of several processes that share a log, one does it at a time. */
  async #keep(): Promise<void> {
    const { log, owner, everyMs } = this.options
    const lease = await log.acquire(LEASE, owner, everyMs)
    if (lease.owner !== owner) return
    try {
      await this.#saveAndTrim()
    } finally {
      await log.release(lease)
    }
  }

  async #saveAndTrim(): Promise<void> {
    const { log, folds, kept, keepMs, now, onTrimmed } = this.options
    for (const fold of folds) await saveFold(log, fold)
    for (const { save } of kept) await save()
    if (keepMs === 0) return
    for (const { name, format } of kept) if (!(await log.loadSnapshot(name, format))) return
    const piece = Math.ceil(keepMs / PIECES)
    const before = Math.floor((now().getTime() - keepMs) / piece) * piece
    const trimmed = await log.trim(new Date(before).toISOString())
    if (trimmed.events > 0) onTrimmed(trimmed)
  }
}
