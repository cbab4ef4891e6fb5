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
 * Compares two INFO texts of one node line by line.
 * @param changed gets what `visitInfo` gives `visit`, in `after`, for every line with another value; and the number of
 * that line among all that `visitInfo` visits
 * @returns false when keys or headings differ: then the lines before the first difference have been given
 */
export function diffInfo(
  before: Buffer,
  after: Buffer,
  changed: (line: number, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
): boolean {
  let line = 0
  let old = 0
  let at = 0
  while (at < after.length && old < before.length) {
    const start = at
    let colon = -1
    let byte = -1
    while (byte !== LF && at < after.length && after[at] === before[old]) {
      byte = after[at]!
      if (byte === COLON && colon < 0) colon = at
      at++
      old++
    }
    const isField = colon > start && after[start] !== HASH
    if (byte !== LF && (at < after.length || old < before.length)) {
      if (!isField) return false
      at = lineEnd(after, at)
      old = lineEnd(before, old)
      let end = after[at - 1] === LF ? at - 1 : at
      if (after[end - 1] === CR) end--
      changed(line, start, colon, colon + 1, end)
    }
    if (isField) line++
  }
  return at === after.length && old === before.length
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
    const line = Buffer.from(`\n${key}:`)
    let start = line.length - 1
    if (!text.subarray(0, start).equals(line.subarray(1))) {
      const before = text.indexOf(line)
      if (before < 0) return undefined
      start = before + line.length
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
