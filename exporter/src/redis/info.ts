const CR = 13
const LF = 10
const COLON = 58
const HASH = 35

/**
 * Calls `visit` with the range of key and value of every `key:value` line of an INFO or CLUSTER INFO text, without
 * making strings. Headings, empty lines and lines without a colon are passed over.
 */
export function visitInfo(
  text: Buffer,
  visit: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
): void {
  for (let start = 0; start < text.length;) {
    const lineFeed = text.indexOf(LF, start)
    const next = lineFeed < 0 ? text.length : lineFeed + 1
    let end = lineFeed < 0 ? text.length : lineFeed
    if (end > start && text[end - 1] === CR) end--
    if (end > start && text[start] !== HASH) {
      const colon = text.indexOf(COLON, start)
      if (colon > start && colon < end) visit(start, colon, colon + 1, end)
    }
    start = next
  }
}

/** A field of a text of `key:value` lines, and the number of its line among all that `visitInfo` visits. */
export interface Line {
  readonly number: number
  readonly key: string
  readonly value: string
}

/** Texts differ in length from reply to reply: so much longer may one get before it takes another buffer. Bytes. */
const ROOM = 512

/**
 * A node's INFO or CLUSTER INFO, kept from reply to reply in the same memory, and what has changed when. A few lines of
 * hundreds differ, so what is equal is passed over word by word, and where lines begin is known from the reply before.
 * Of a key that comes twice the first line counts.
 */
export class InfoLines {
  /** The last reply. It is written over by the next one. */
  text: Buffer = Buffer.alloc(0)
  #room: Buffer = this.text
  /** How many replies came. */
  updates = 0
  /** The update that brought other keys or headings than the one before. */
  #shapedAt = 0
  /** By line: where it begins, and the update that brought its value. */
  #begins = new Uint32Array(0)
  #changedAt = new Uint32Array(0)
  /** Lines whose key was there before. */
  #repeated: ReadonlySet<number> = NONE

  /** Takes the next reply; it is copied. */
  update(text: Buffer): void {
    this.updates++
    const sameShape = this.#compare(text)
    this.#keep(text)
    if (!sameShape) this.#arrange()
  }

  /** The lines that have changed since an update, or undefined where keys or headings have. */
  changedSince(update: number): Line[] | undefined {
    if (update < this.#shapedAt) return undefined
    const lines: Line[] = []
    for (let number = 0; number < this.#changedAt.length; number++)
      if (this.#changedAt[number]! > update && !this.#repeated.has(number)) lines.push(this.#line(number))
    return lines
  }

  all(): Line[] {
    const numbers = Array.from(this.#begins.keys()).filter((number) => !this.#repeated.has(number))
    return numbers.map((number) => this.#line(number))
  }

  #line(number: number): Line {
    const { text } = this
    const begin = this.#begins[number]!
    const colon = text.indexOf(COLON, begin)
    const lineFeed = text.indexOf(LF, colon)
    let end = lineFeed < 0 ? text.length : lineFeed
    if (text[end - 1] === CR) end--
    return { number, key: text.toString('utf8', begin, colon), value: text.toString('utf8', colon + 1, end) }
  }

  #keep(text: Buffer): void {
    if (text.length > this.#room.length) this.#room = Buffer.allocUnsafeSlow(text.length + ROOM)
    if (text.length !== this.text.length) this.text = this.#room.subarray(0, text.length)
    this.text.set(text)
  }

  #arrange(): void {
    const begins: number[] = []
    const keys = new Set<string>()
    const repeated = new Set<number>()
    visitInfo(this.text, (keyStart, keyEnd) => {
      const key = this.text.toString('utf8', keyStart, keyEnd)
      if (keys.has(key)) repeated.add(begins.length)
      keys.add(key)
      begins.push(keyStart)
    })
    this.#begins = Uint32Array.from(begins)
    this.#changedAt = new Uint32Array(begins.length)
    this.#repeated = repeated.size > 0 ? repeated : NONE
    this.#shapedAt = this.updates
  }

  /**
   * Marks the lines that have another value, and brings `#begins` up to date on its way.
   * @returns false when keys or headings differ
   */
  #compare(after: Buffer): boolean {
    const { text: before } = this
    const begins = this.#begins
    const [oldWords, newWords] = [wordsOf(before), wordsOf(after)]
    let line = -1
    let old = 0
    let at = 0
    for (;;) {
      const moved = at - old
      at += equalBytes(oldWords, old, newWords, at)
      old = at - moved
      while (line + 1 < begins.length && begins[line + 1]! <= old) begins[++line]! += moved
      if (old === before.length && at === after.length) return true
      // They differ here: in a value, or in what makes the shape.
      if (line < 0) return false
      const colon = after.indexOf(COLON, begins[line])
      if (colon < 0 || colon >= at) return false
      const lineFeed = after.indexOf(LF, colon)
      if (lineFeed >= 0 && lineFeed < at) return false
      this.#changedAt[line] = this.updates
      at = lineEnd(after, at)
      old = lineEnd(before, old)
    }
  }
}

const NONE: ReadonlySet<number> = new Set()

function wordsOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

/** How many bytes are equal from there on. */
function equalBytes(a: DataView, aStart: number, b: DataView, bStart: number): number {
  const most = Math.min(a.byteLength - aStart, b.byteLength - bStart)
  let count = 0
  while (count + 4 <= most && a.getInt32(aStart + count) === b.getInt32(bStart + count)) count += 4
  while (count < most && a.getUint8(aStart + count) === b.getUint8(bStart + count)) count++
  return count
}

/** Where the next line starts. */
function lineEnd(text: Buffer, from: number): number {
  const lineFeed = text.indexOf(LF, from)
  return lineFeed < 0 ? text.length : lineFeed + 1
}

/** Fields of an INFO text. A field that comes twice (Valkey 9.1 repeats CLUSTER INFO in INFO) counts once. */
export type InfoFields = Pick<ReadonlyMap<string, string>, 'get' | 'has' | typeof Symbol.iterator>

/** Fields that are looked for in the text when they are asked for: cheap where few are, and no more memory than the text. */
export class InfoText implements InfoFields {
  constructor(private readonly source: { readonly text: Buffer }) {}

  get(key: string): string | undefined {
    const { text } = this.source
    if (key === '' || key.startsWith('#')) return undefined
    const line = `${key}:`
    const length = Buffer.byteLength(line)
    let start = length
    if (text.toString('utf8', 0, length) !== line) {
      const before = text.indexOf(`\n${line}`)
      if (before < 0) return undefined
      start = before + 1 + length
    }
    const lineFeed = text.indexOf(LF, start)
    let end = lineFeed < 0 ? text.length : lineFeed
    if (end > start && text[end - 1] === CR) end--
    return text.toString('utf8', start, end)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return readInfo(this.source.text)[Symbol.iterator]()
  }
}

/** The fields of an INFO text, all at once. */
export function readInfo(text: Buffer): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  visitInfo(text, (keyStart, keyEnd, valueStart, valueEnd) => {
    const key = text.toString('utf8', keyStart, keyEnd)
    if (!fields.has(key)) fields.set(key, text.toString('utf8', valueStart, valueEnd))
  })
  return fields
}
