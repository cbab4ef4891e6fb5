import { createHash } from 'node:crypto'
import { header, itemsOf } from '../../../redis/frames.js'
import type { How, Item } from './item.js'

/** A key that is compared at the end, and what of it was read for the copy. */
export interface Sampled {
  /** Bulk string. */
  readonly key: Buffer
  readonly slot: number
  readonly how: How
  readonly digest: string
  /** When it expires at the source, on the clock of the run; ms; Infinity: never. */
  readonly expiresAt: number
  /** It was in the target before this run, or before it was started again, and may differ: only its loss counts. */
  readonly wasPresent?: boolean
}

/** @returns a copy: the item's own bytes are a piece of all that came with it */
export function sampled(item: Item): Sampled {
  return {
    key: Buffer.from(item.key),
    slot: item.slot,
    how: item.how,
    digest: digestOf(item),
    expiresAt: item.ttlMs < 0 ? Infinity : item.readAt + item.ttlMs,
  }
}

/** An even sample of the keys that were written, whatever their number (Vitter's algorithm R). */
export class Sample {
  readonly #keys: Sampled[] = []
  /** Where a key is in the sample; only where keys are written more than once. */
  readonly #places: Map<string, number> | undefined
  #seen = 0

  /** @param repeats whether a key may be written again with another value: the last one counts then */
  constructor(
    private readonly size: number,
    private readonly random: () => number,
    repeats = false,
  ) {
    if (repeats) this.#places = new Map()
  }

  written(item: Item): void {
    const again = this.#places?.get(item.key.toString('latin1'))
    if (again !== undefined) {
      this.#keys[again] = sampled(item)
      return
    }
    const at = this.#seen < this.size ? this.#seen : Math.floor(this.random() * (this.#seen + 1))
    this.#seen++
    if (at >= this.size) return
    const former = this.#keys[at]
    this.#keys[at] = sampled(item)
    if (former) this.#places?.delete(former.key.toString('latin1'))
    this.#places?.set(item.key.toString('latin1'), at)
  }

  keys(): readonly Sampled[] {
    return this.#keys
  }
}

/** Digest of a value that is the same whatever order a server keeps sets, hashes and zsets in. Of a dump: of its bytes. */
export function digestOf({ how, value, elements }: Item): string {
  const hash = createHash('sha1').update(how)
  if (how === 'string' || how === 'dump' || how === 'list') return hash.update(value).digest('base64')
  const frames = itemsOf(Buffer.concat([Buffer.from(`*${elements}\r\n`), value]))
  const size = how === 'set' ? 1 : 2
  // Servers write the same score in different ways: 0.1, 0.10000000000000001.
  if (how === 'zset') for (let i = 0; i < frames.length; i += 2) frames[i] = scoreOf(frames[i]!)
  const units = frames.flatMap((_, i) => (i % size === 0 ? [Buffer.concat(frames.slice(i, i + size))] : []))
  for (const unit of units.sort((a, b) => a.compare(b))) hash.update(unit)
  return hash.digest('base64')
}

function scoreOf(frame: Buffer): Buffer {
  const text = frame.toString('latin1', header(frame).end, frame.length - 2)
  const score = Number(text.replace('inf', 'Infinity'))
  return Buffer.from(String(score))
}
