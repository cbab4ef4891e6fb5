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

/**
 * The lines of a node's INFO or CLUSTER INFO, compared from reply to reply. A few lines of hundreds differ, so what is
 * equal is passed over word by word, and where lines begin is known from the reply before.
 */
export class InfoLines {
  #text: Buffer = Buffer.alloc(0)
  /** Where the lines begin that `visitInfo` visits. */
  #begins = new Uint32Array(0)

  /**
   * Takes the next reply.
   * @param changed gets what `visitInfo` gives `visit` for every line with another value; and the number of that line
   * among all that `visitInfo` visits
   * @returns false when keys or headings differ: then some lines that differ may have been given
   */
  update(
    text: Buffer,
    changed: (line: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
  ): boolean {
    const sameShape = this.#compare(text, changed)
    this.#text = text
    if (!sameShape) {
      const begins: number[] = []
      visitInfo(text, (keyStart) => void begins.push(keyStart))
      this.#begins = Uint32Array.from(begins)
    }
    return sameShape
  }

  /** Brings `#begins` up to date on its way. */
  #compare(after: Buffer, changed: Parameters<InfoLines['update']>[1]): boolean {
    const [before, begins] = [this.#text, this.#begins]
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
      const end = lineFeed < 0 ? after.length : lineFeed
      changed(line, begins[line]!, colon, colon + 1, after[end - 1] === CR ? end - 1 : end)
      at = lineEnd(after, at)
      old = lineEnd(before, old)
    }
  }
}

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
  constructor(private readonly text: Buffer) {}

  get(key: string): string | undefined {
    const { text } = this
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
    return readInfo(this.text)[Symbol.iterator]()
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
