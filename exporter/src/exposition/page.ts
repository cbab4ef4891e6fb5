import { Bytes } from './bytes.js'
import { orderOf } from './family-order.js'
import type { Family, Labels } from './families.js'
import { Layout } from './layout.js'
import { renderLabels, renderValue, type Source } from './text.js'

const LF = 10

/** A value takes no more bytes: sign, 17 digits, point, exponent. */
const MOST_DIGITS = 32

/**
 * The samples of one source as text, ready to be sent: a layout, which pages of the same series share, and the text of
 * the values, which have numbers. A value that changes is written over the old one, and nothing else is rendered
 * again. The text is that of text.ts to the byte; HELP and TYPE stand between the pages of a whole exposition and are
 * left to `assemble`.
 */
export class Page {
  readonly layout: Layout
  readonly #labels: Bytes
  /** The values, line by line, and where each ends. */
  #values: Uint8Array
  readonly #ends: Uint32Array

  /** A slot has the number of its sample's index. */
  constructor({ labels, samples }: Source, namespace: string) {
    this.layout = Layout.of(samples, labels.length > 0, namespace)
    this.#labels = textOf(labels)
    const values: string[] = []
    for (const list of samples.byFamily.values())
      for (const { index, value } of list) values[this.layout.lineOf[index]!] = renderValue(value)
    this.#ends = new Uint32Array(values.length)
    let end = 0
    for (const [line, value] of values.entries()) this.#ends[line] = end += value.length
    this.#values = new Uint8Array(end)
    for (const [line, value] of values.entries()) this.#write(value, this.#ends[line]! - value.length)
  }

  /** In the order of their names. */
  get families(): readonly Family[] {
    return this.layout.families
  }

  familyOf(slot: number): Family | undefined {
    const { families, familyOf, lineOf } = this.layout
    return families[familyOf[lineOf[slot]!]!]
  }

  /** Writes a value into its slot. */
  set(slot: number, value: number): void {
    const text = renderValue(value)
    const line = this.layout.lineOf[slot]!
    const start = this.#startOf(line)
    const grown = text.length - (this.#ends[line]! - start)
    if (grown !== 0) this.#widen(line, grown)
    this.#write(text, start)
  }

  #write(value: string, at: number): void {
    for (let i = 0; i < value.length; i++) this.#values[at + i] = value.charCodeAt(i)
  }

  #startOf(line: number): number {
    return line === 0 ? 0 : this.#ends[line - 1]!
  }

  /** Moves the values behind a line's. */
  #widen(line: number, by: number): void {
    const ends = this.#ends
    const end = ends[line]!
    const length = ends[ends.length - 1]!
    if (length + by > this.#values.length) {
      const larger = new Uint8Array(length + by + MOST_DIGITS)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values.copyWithin(end + by, end, length)
    for (let i = line; i < ends.length; i++) ends[i]! += by
  }

  /** The length of a family's text, as an index into `families`. */
  lengthOf(family: number): number {
    const { starts, begins } = this.layout
    const [first, end] = [starts[family]!, starts[family + 1]!]
    const values = this.#startOf(end) - this.#startOf(first)
    return begins[end]! - begins[first]! + values + (end - first) * (this.#labels.length + 1)
  }

  /**
   * Writes the text of a family to `at`, where there is room for it.
   * @returns where it ends
   */
  write(family: number, to: Bytes, at: number): number {
    const { starts, begins, splits, text } = this.layout
    const [values, labels, out] = [this.#values, this.#labels, to.bytes]
    let from = this.#startOf(starts[family]!)
    for (let line = starts[family]!; line < starts[family + 1]!; line++) {
      at = to.copy(text, begins[line]!, splits[line]!, at)
      at = to.copy(labels, 0, labels.length, at)
      at = to.copy(text, splits[line]!, begins[line + 1]!, at)
      for (const end = this.#ends[line]!; from < end; from++) out[at++] = values[from]!
      out[at++] = LF
    }
    return at
  }

  /** The text of a family, by itself. */
  segment(family: number): Buffer {
    const text = new Bytes(this.lengthOf(family))
    this.write(family, text, 0)
    return text.first(text.length)
  }
}

const texts = new WeakMap<Labels, Bytes>()

/** Labels of a source as they stand between the braces: the pages of a source share them. */
function textOf(labels: Labels): Bytes {
  let text = texts.get(labels)
  if (!text) texts.set(labels, (text = Bytes.of(renderLabels(labels))))
  return text
}

/** Of a chunk; more than most answers of one node. Bytes. */
const CHUNK = 128 * 1024

/** Chunks that nobody writes into or sends at the moment. */
const spare: Bytes[] = []

/**
 * Joins pages to one exposition, family by family in the order of their names, each with its HELP and TYPE once. What
 * is on a page when its turn comes is what is sent. A chunk is lent until the next one is asked for.
 */
export function* assemble(pages: readonly Page[], namespace: string): Generator<Buffer> {
  const order = orderOf(namespace)
  const { ends, layouts, families } = order.sort(pages.map(({ layout }) => layout))
  // Those of these ranks: another scrape may arrange the families anew while this one waits for its reader.
  const { headers } = order
  const lent = spare.pop() ?? new Bytes(CHUNK)
  let chunk = lent
  let used = 0
  for (let rank = 0, entry = 0; rank < ends.length; rank++) {
    for (let first = entry; entry < ends[rank]!; entry++) {
      const page = pages[layouts[entry]!]!
      const family = families[entry]!
      const header = entry === first ? headers[rank]! : NOTHING
      const length = header.length + page.lengthOf(family)
      if (used + length > chunk.length) {
        if (used > 0) yield chunk.first(used)
        chunk = length > CHUNK ? new Bytes(length) : lent
        used = 0
      }
      used = chunk.copy(header, 0, header.length, used)
      used = page.write(family, chunk, used)
    }
  }
  if (used > 0) yield chunk.first(used)
  spare.push(lent)
}

const NOTHING = new Bytes(0)
