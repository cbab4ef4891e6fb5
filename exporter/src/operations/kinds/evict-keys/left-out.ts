import { slotOf } from '../../../redis/slots.js'
import { bulkOf } from '../../../redis/replies.js'
import type { SlotSet } from '../../slots/slot-set.js'
import { numberOf } from './script.js'

/** A key that is left out, and is looked at again at the end. */
export interface LeftOutKey {
  readonly key: Buffer
  readonly slot: number
  /** On the clock of the run; ms; Infinity: never. */
  readonly expiresAt: number
  /** Its name leaves it out for good; else it may come to meet the criteria later. */
  readonly byName: boolean
}

/** An even sample of keys that the run leaves alone (Vitter's algorithm R). Names of keys are not kept over a restart. */
export class LeftOut {
  #keys: LeftOutKey[] = []
  #seen = 0

  constructor(
    private readonly size: number,
    private readonly now: () => number,
    private readonly random: () => number = Math.random,
  ) {}

  /** @param told key and PTTL in turn, frames */
  offer(told: readonly Buffer[]): void {
    for (let i = 0; i < told.length; i += 2) this.add(bulkOf(told[i]!)!, numberOf(told[i + 1]!), false)
  }

  /** @param ttlMs negative: it never expires */
  add(key: Buffer, ttlMs: number, byName: boolean): void {
    const at = this.#seen < this.size ? this.#seen : Math.floor(this.random() * (this.#seen + 1))
    this.#seen++
    if (at >= this.size) return
    const expiresAt = ttlMs < 0 ? Infinity : this.now() + ttlMs
    // A copy: its bytes are a piece of a whole reply.
    this.#keys[at] = { key: Buffer.from(key), slot: slotOf(key), expiresAt, byName }
  }

  /** These slots are swept again, and by now other keys may meet the criteria. */
  forget(slots: SlotSet): void {
    this.#keys = this.#keys.filter(({ byName, slot }) => byName || !slots.has(slot))
    this.#seen = this.#keys.length
  }

  keys(): readonly LeftOutKey[] {
    return this.#keys
  }
}
