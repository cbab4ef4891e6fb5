import { hash } from 'node:crypto'
import type { StoredEvent } from '../contract/events.js'
import { VersionConflict } from './log.js'

/**
 * The hash chain of a stream.
 *
 * What is hashed: the event as the API shows it, without `hash` and `position`, as canonical JSON by RFC 8785
 * (members sorted by name, no blanks), in UTF-8. `previoushash` is one of its members, so that every hash stands
 * for all events of its stream up to this one; it is the empty string in the first. `hash` is the SHA-256 of that,
 * in lower-case hexadecimal digits. Whoever has the events of a stream and a JCS library can check them.
 */

/** An event as a store keeps it: the columns, with the payload as canonical JSON. */
export interface EventRow {
  readonly position: string
  readonly stream: string
  readonly version: number
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string
  readonly data: string
  readonly previoushash: string
  readonly hash: string
}

/** An event that has its place in its stream, but not yet in the log. */
export type ChainedRow = Omit<EventRow, 'position'>

/** An event that is checked and named, but has no place in a stream yet. */
export type Draft = Pick<EventRow, 'id' | 'source' | 'type' | 'time' | 'data'>

/** Drafts for one stream; see StreamAppend. */
export interface DraftAppend {
  readonly stream: string
  readonly expectedVersion?: number
  readonly events: readonly Draft[]
}

/** The newest event of a stream. */
export interface Head {
  readonly version: number
  readonly hash: string
}

/** The head of a stream without events. */
export const NO_HEAD: Head = { version: 0, hash: '' }

const MAX_DEPTH = 64

/** Text that stands in JSON as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

/** A text as JSON. Nearly all are plain, and that is seen in half the time. */
const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

/**
 * JSON as RFC 8785 (JCS) writes it. Members that are `undefined` are left out, as JSON.stringify does.
 * @throws TypeError for what JSON has no form for (NaN, functions, bigint, …) and for more than 64 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TypeError(`is nested deeper than ${MAX_DEPTH} levels`)
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`
  if (typeof value === 'object') {
    const record = value as Readonly<Record<string, unknown>>
    let members = ''
    for (const name of Object.keys(record).sort()) {
      if (record[name] === undefined) continue
      if (members !== '') members += ','
      members += `${quoted(name)}:${canonicalJson(record[name], depth + 1)}`
    }
    return `{${members}}`
  }
  const shown = typeof value === 'number' ? String(value) : `a ${typeof value}`
  throw new TypeError(`has ${shown}, which JSON cannot hold`)
}

/** What the hash of an event is taken of: its canonical JSON without `hash` and `position`. */
export function hashedText(row: Omit<ChainedRow, 'hash'>): string {
  return (
    `{"data":${row.data},"datacontenttype":"application/json","id":${quoted(row.id)},` +
    `"previoushash":${quoted(row.previoushash)},"source":${quoted(row.source)},"specversion":"1.0",` +
    `"streamversion":${row.version},"subject":${quoted(row.stream)},"time":${quoted(row.time)},` +
    `"type":${quoted(row.type)}}`
  )
}

/** The hash of an event: SHA-256 in hexadecimal digits. */
export function hashOf(row: Omit<ChainedRow, 'hash'>): string {
  return hash('sha256', hashedText(row))
}

/** What stands for the heads of many streams: SHA-256 of their canonical JSON, in hexadecimal digits. */
export function hashOfHeads(heads: ReadonlyMap<string, Head>): string {
  return hash('sha256', canonicalJson(Object.fromEntries(heads)))
}

/**
 * Gives drafts their places behind the heads of their streams.
 * @returns the rows in the order given, and the new heads
 * @throws VersionConflict when a stream is not at the version that was expected
 */
export function chain(
  appends: readonly DraftAppend[],
  headOf: (stream: string) => Head,
): { rows: ChainedRow[]; heads: Map<string, Head> } {
  const conflict = conflictOf(appends, headOf)
  if (conflict) throw conflict
  const rows: ChainedRow[] = []
  const heads = new Map<string, Head>()
  for (const { stream, events } of appends) {
    let head = heads.get(stream) ?? headOf(stream)
    for (const draft of events) rows.push((head = chainedRow(stream, head, draft)))
    heads.set(stream, { version: head.version, hash: head.hash })
  }
  return { rows, heads }
}

/** What is in the way of appends when streams are not at the versions that were expected. */
export function conflictOf(
  appends: readonly DraftAppend[],
  headOf: (stream: string) => Head,
): VersionConflict | undefined {
  const versions = new Map<string, number>()
  for (const { stream, expectedVersion, events } of appends) {
    const version = versions.get(stream) ?? headOf(stream).version
    if (expectedVersion !== undefined && expectedVersion !== version)
      return new VersionConflict(stream, expectedVersion, version)
    versions.set(stream, version + events.length)
  }
  return undefined
}

/** The next event of a stream. */
export function chainedRow(stream: string, head: Head, { id, source, type, time, data }: Draft): ChainedRow {
  // Member by member: spread out, an event costs twice as much.
  const [version, previoushash] = [head.version + 1, head.hash]
  const hash = hashOf({ stream, version, id, source, type, time, data, previoushash })
  return { stream, version, id, source, type, time, data, previoushash, hash }
}

/** The event as readers get it. */
export const toStored = (row: EventRow) => storedAs(row, row.position, JSON.parse(row.data))

/** The same of a row that has its position beside it, and whose payload is parsed. */
export function storedAs(row: ChainedRow, position: string, data: unknown): StoredEvent {
  return {
    specversion: '1.0',
    id: row.id,
    source: row.source,
    type: row.type,
    subject: row.stream,
    time: row.time,
    datacontenttype: 'application/json',
    data,
    streamversion: row.version,
    position,
    previoushash: row.previoushash,
    hash: row.hash,
  }
}

/** The row of an event that was read. */
export function toRow(event: StoredEvent): EventRow {
  return {
    position: event.position,
    stream: event.subject,
    version: event.streamversion,
    id: event.id,
    source: event.source,
    type: event.type,
    time: event.time,
    data: canonicalJson(event.data),
    previoushash: event.previoushash,
    hash: event.hash,
  }
}
