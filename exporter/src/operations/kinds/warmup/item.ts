import type { Outcome } from './counts.js'

/** How a value is written: SET, RESTORE, or the script with the command that adds elements. */
export type How = 'string' | 'dump' | 'list' | 'set' | 'hash' | 'zset'

/** A key and its value on their way. Frames are as they stand on the wire, so that bytes are copied and never decoded. */
export interface Item {
  /** Bulk string. */
  readonly key: Buffer
  readonly slot: number
  readonly how: How
  /** Bulk string for `string` and `dump`; else the elements, bulk strings back to back, as the command takes them. */
  readonly value: Buffer
  /** How many bulk strings `value` holds. */
  readonly elements: number
  /** When it expires on the clock of the run; ms; Infinity: never. */
  readonly expiresAt: number
  /** How much memory it may take at the target; bytes. */
  readonly cost: number
  /** Seconds of idleness or the frequency counter, as the target's policy counts; undefined: not carried over. */
  readonly heat?: number
  /** The batch it came with, which is told what became of it. */
  readonly page: Page
}

/** Told once for each of its items. */
export interface Page {
  settle(item: Item, outcome: Outcome, shard: string, error?: string): void
}
