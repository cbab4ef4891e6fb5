/** A key, or a pattern of keys, of a database; bytes as one character each (latin1), since keys are bytes. */
export interface DbKey {
  readonly db: number
  readonly key: string
}

/** What to look at of a node's keys. */
export interface KeyQuery {
  /** Patterns: values and sizes of the keys that match. */
  readonly keys: readonly DbKey[]
  readonly singleKeys: readonly DbKey[]
  readonly streams: readonly DbKey[]
  readonly singleStreams: readonly DbKey[]
  readonly counts: readonly DbKey[]
  /** Lua patterns whose captures name a group. */
  readonly groups: readonly string[]
}

export interface KeyOptions {
  /** COUNT of the SCANs. */
  readonly batchSize: number
  /** Whether values are looked at, rather than sizes only. */
  readonly values: boolean
  readonly streamConsumers: boolean
  /** Groups of a database to tell apart. */
  readonly maxGroups: number
  /** Leave primaries alone. */
  readonly skipPrimaries: boolean
  /** The node stands for its whole cluster; hosts of it that may be asked. Undefined: it stands for itself. */
  readonly mayAsk?: (host: string) => boolean
  /** What to look at unless a scrape says otherwise. */
  readonly query: KeyQuery
}

export const NOTHING: KeyQuery = {
  keys: [],
  singleKeys: [],
  streams: [],
  singleStreams: [],
  counts: [],
  groups: [],
}

export function isNothing(query: KeyQuery): boolean {
  return Object.values(query).every((list: readonly unknown[]) => list.length === 0)
}

/** Whether it names another database than the first. */
export function namesDatabases({ keys, singleKeys, streams, singleStreams, counts }: KeyQuery): boolean {
  return [keys, singleKeys, streams, singleStreams, counts].some((list) => list.some(({ db }) => db > 0))
}

/** The same without what is in another database than the first. */
export function ofFirstDatabase(query: KeyQuery): KeyQuery {
  const first = (list: readonly DbKey[]) => list.filter(({ db }) => db === 0)
  return {
    ...query,
    keys: first(query.keys),
    singleKeys: first(query.singleKeys),
    streams: first(query.streams),
    singleStreams: first(query.singleStreams),
    counts: first(query.counts),
  }
}

/**
 * Reads redis_exporter's lists of keys: `db3=user%3A*,plain`, by comma, URL-escaped.
 * @throws Error says what is wrong
 */
export function parseKeyList(text: string): DbKey[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map(parseKey)
}

/** Reads a list of Lua patterns by comma; one with a comma stands in double quotes. */
export function parseGroupList(text: string): string[] {
  const items = text.match(/"(?:[^"]|"")*"|[^,]+/g) ?? []
  return items
    .map((item) => item.trim())
    .map((item) => (/^".*"$/s.test(item) ? item.slice(1, -1).replaceAll('""', '"').trim() : item))
    .filter((item) => item !== '')
    .map((item) => Buffer.from(item).toString('latin1'))
}

function parseKey(item: string): DbKey {
  const [first, second, ...rest] = item.split('=')
  if (rest.length > 0)
    throw new Error(`${item}: expected a key or db3=key; write an equals sign of a key as %3D`)
  if (second === undefined) return { db: 0, key: unescapeKey(first!) }
  const db = /^\s*(?:db)?(\d{1,4})\s*$/.exec(first!)?.[1]
  if (db === undefined) throw new Error(`${item}: ${first} is no database; expected db0, db1, …`)
  const key = unescapeKey(second.trim())
  if (key === '') throw new Error(`${item}: names no key`)
  return { db: Number(db), key }
}

/** As Go's url.QueryUnescape, to bytes. */
function unescapeKey(text: string): string {
  const bytes = Buffer.from(text.replaceAll('+', ' ')).toString('latin1')
  if (/%(?![0-9a-f]{2})/i.test(bytes)) throw new Error(`${text}: a percent sign of a key is written %25`)
  return bytes.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}

/** Whether a text is a pattern to SCAN for, rather than a key. */
export function isPattern(key: string): boolean {
  return /[?*[\]^]/.test(key)
}
