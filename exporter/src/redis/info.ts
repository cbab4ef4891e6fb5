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

/** The fields of an INFO text. A field that comes twice (Valkey 9.1 repeats CLUSTER INFO in INFO) counts once. */
export type InfoFields = ReadonlyMap<string, string>

export function readInfo(text: Buffer): InfoFields {
  const fields = new Map<string, string>()
  visitInfo(text, (keyStart, keyEnd, valueStart, valueEnd) => {
    const key = text.toString('utf8', keyStart, keyEnd)
    if (!fields.has(key)) fields.set(key, text.toString('utf8', valueStart, valueEnd))
  })
  return fields
}
