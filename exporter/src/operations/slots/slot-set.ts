import type { SlotRange } from '../../redis/replies.js'
import { SLOTS } from '../../redis/slots.js'

/** A set of hash slots. */
export class SlotSet {
  readonly #has = new Uint8Array(SLOTS)

  constructor(ranges: readonly SlotRange[] = []) {
    for (const [from, to] of ranges) this.#has.fill(1, from, to + 1)
  }

  static all(): SlotSet {
    return new SlotSet([[0, SLOTS - 1]])
  }

  has(slot: number): boolean {
    return this.#has[slot] === 1
  }

  add(slot: number): void {
    this.#has[slot] = 1
  }

  addAll(other: SlotSet): void {
    for (let slot = 0; slot < SLOTS; slot++) if (other.has(slot)) this.#has[slot] = 1
  }

  remove(other: SlotSet): void {
    for (let slot = 0; slot < SLOTS; slot++) if (other.has(slot)) this.#has[slot] = 0
  }

  and(other: SlotSet): SlotSet {
    const both = new SlotSet()
    for (let slot = 0; slot < SLOTS; slot++) if (this.has(slot) && other.has(slot)) both.add(slot)
    return both
  }

  get size(): number {
    return this.#has.reduce((sum, bit) => sum + bit, 0)
  }

  /** Inclusive ranges, in order. */
  ranges(): [from: number, to: number][] {
    const ranges: [number, number][] = []
    for (let slot = 0; slot < SLOTS; slot++) {
      if (!this.has(slot)) continue
      const last = ranges.at(-1)
      if (last?.[1] === slot - 1) last[1] = slot
      else ranges.push([slot, slot])
    }
    return ranges
  }
}
