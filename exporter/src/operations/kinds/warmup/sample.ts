import { createHash } from 'node:crypto'
import type { How, Item } from './item.js'

/** A key that is compared at the end. */
export interface Sampled {
  /** Bulk string. */
  readonly key: Buffer
  readonly slot: number
  /** What was copied: how it was read, and a digest of it. Absent for keys that were only seen at the source. */
  readonly copied?: { readonly how: How; readonly digest: string; readonly expiresAt: number }
}

/** An even sample of the keys that were written, whatever their number (Vitter's algorithm R). */
export class Sample {
  readonly #keys: Sampled[] = []
  #seen = 0

  constructor(
    private readonly size: number,
    private readonly random: () => number,
  ) {}

  written(item: Item): void {
    const at = this.#seen < this.size ? this.#seen : Math.floor(this.random() * (this.#seen + 1))
    this.#seen++
    if (at >= this.size) return
    const { slot, how, value, expiresAt } = item
    // Copied: the item's own bytes are a piece of all that came with it.
    this.#keys[at] = { key: Buffer.from(item.key), slot, copied: { how, digest: digestOf(value), expiresAt } }
  }

  keys(): readonly Sampled[] {
    return this.#keys
  }
}

export function digestOf(value: Buffer): string {
  return createHash('sha1').update(value).digest('base64')
}
