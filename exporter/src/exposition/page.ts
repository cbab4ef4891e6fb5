import { fullName, type Family, type Sample } from './families.js'
import { renderHeader, renderLabels, renderSeries, renderValue, type Source } from './text.js'

/** Room for values that grow longer. Bytes. */
const SLACK = 64

const encoder = new TextEncoder()

/**
 * The samples of one source as text, ready to be sent, in a buffer whose values have numbers: a value that changes is
 * written over the old one, and nothing else is rendered again. The text is that of text.ts to the byte; HELP and
 * TYPE stand between the pages of a whole exposition and are left to `assemble`.
 */
export class Page {
  /** In the order of their names. */
  readonly families: readonly Family[]
  /** Samples of the family that has most. */
  readonly most: number
  #bytes: Uint8Array
  #length: number
  /** Where the text of each family begins; at the end, where the last one ends. */
  readonly #starts: Int32Array
  /** Where the value of a slot begins, and how long it is, by slot. */
  readonly #offsets: Int32Array
  readonly #lengths: Uint8Array
  /** The family of a slot, as an index into `families`. */
  readonly #familyOf: Uint16Array

  /** A slot has the number of its sample's index. */
  constructor({ labels, samples }: Source, namespace: string) {
    const named = [...samples.byFamily].map(
      ([family, list]) => [fullName(family, namespace), family, list] as const,
    )
    named.sort(([a], [b]) => (a < b ? -1 : 1))
    this.families = named.map(([, family]) => family)
    this.most = Math.max(0, ...named.map(([, , list]) => list.length))
    this.#starts = new Int32Array(named.length + 1)
    this.#offsets = new Int32Array(samples.count)
    this.#lengths = new Uint8Array(samples.count)
    this.#familyOf = new Uint16Array(samples.count)
    const sourceLabels = renderLabels(labels)
    let text = ''
    let length = 0
    for (const [index, [name, , list]] of named.entries()) {
      for (const sample of list) {
        const series = renderSeries(name, sourceLabels, sample)
        const value = renderValue(sample.value)
        this.#place(sample, index, length + Buffer.byteLength(series) + 1, value.length)
        length = this.#offsets[sample.index]! + value.length + 1
        text += `${series} ${value}\n`
      }
      this.#starts[index + 1] = length
    }
    this.#length = length
    this.#bytes = new Uint8Array(length + SLACK)
    encoder.encodeInto(text, this.#bytes)
  }

  #place({ index }: Sample, family: number, offset: number, length: number): void {
    this.#familyOf[index] = family
    this.#offsets[index] = offset
    this.#lengths[index] = length
  }

  familyOf(slot: number): Family | undefined {
    return this.families[this.#familyOf[slot]!]
  }

  /** Writes a value into its slot. */
  set(slot: number, value: number): void {
    const text = renderValue(value)
    const grown = text.length - this.#lengths[slot]!
    if (grown !== 0) this.#widen(slot, grown)
    const offset = this.#offsets[slot]!
    for (let i = 0; i < text.length; i++) this.#bytes[offset + i] = text.charCodeAt(i)
  }

  /** Moves what follows a slot. */
  #widen(slot: number, by: number): void {
    const offset = this.#offsets[slot]!
    const end = offset + this.#lengths[slot]!
    if (this.#length + by > this.#bytes.length) {
      const larger = new Uint8Array(this.#length + by + SLACK)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.copyWithin(end + by, end, this.#length)
    this.#length += by
    this.#lengths[slot]! += by
    for (let i = 0; i < this.#offsets.length; i++) if (this.#offsets[i]! > offset) this.#offsets[i]! += by
    for (let i = this.#familyOf[slot]! + 1; i < this.#starts.length; i++) this.#starts[i]! += by
  }

  /** The text of a family, as an index into `families`. Valid until the next `set`. */
  segment(family: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[family], this.#starts[family + 1])
  }
}

/** Chunks of about this size are written at once. Bytes. */
const CHUNK = 64 * 1024

/**
 * Joins pages to one exposition, family by family in the order of their names, each with its HELP and TYPE once. What
 * is on a page when its turn comes is what is sent.
 */
export function* assemble(pages: readonly Page[], namespace: string): Generator<Buffer> {
  /** Pages by family, and how far each of them is. */
  const index = new Map<Family, number[]>()
  for (const [i, page] of pages.entries()) {
    for (const family of page.families) {
      const holders = index.get(family)
      if (holders) holders.push(i)
      else index.set(family, [i])
    }
  }
  const next = new Uint16Array(pages.length)
  let chunk = Buffer.allocUnsafeSlow(CHUNK)
  let used = 0
  for (const family of ordered(index, namespace)) {
    const holders = index.get(family)
    if (!holders) continue
    for (let i = -1; i < holders.length; i++) {
      const holder = holders[i] ?? -1
      const text = i < 0 ? headerOf(family, namespace) : pages[holder]!.segment(next[holder]!++)
      if (used + text.length > chunk.length) {
        yield chunk.subarray(0, used)
        chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK, text.length))
        used = 0
      }
      chunk.set(text, used)
      used += text.length
    }
  }
  if (used > 0) yield chunk.subarray(0, used)
}

const headers = new WeakMap<Family, { name: string; bytes: Uint8Array }>()

function headerOf(family: Family, namespace: string): Uint8Array {
  const name = fullName(family, namespace)
  let header = headers.get(family)
  if (header?.name !== name) {
    header = { name, bytes: encoder.encode(renderHeader(name, family)) }
    headers.set(family, header)
  }
  return header.bytes
}

/** Families in the order of their names, as far as they were seen, by namespace: sorting costs more than looking. */
const orders = new Map<string, readonly Family[]>()
const MOST_ORDERED = 10_000

/** All of these families, and perhaps others, in the order of their names. */
function ordered(families: ReadonlyMap<Family, unknown>, namespace: string): readonly Family[] {
  const known = orders.get(namespace) ?? []
  let found = 0
  for (const family of known) if (families.has(family)) found++
  if (found === families.size) return known
  const order = [...new Set([...(known.length < MOST_ORDERED ? known : []), ...families.keys()])]
    .map((family) => [fullName(family, namespace), family] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, family]) => family)
  orders.set(namespace, order)
  return order
}
