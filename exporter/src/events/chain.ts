import { hash } from 'node:crypto'
import type { StoredEvent } from '../contract/events.js'
import { canonicalJson, quoted } from './canonical-json.js'
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
export interface ChainedRow extends Omit<EventRow, 'position'> {
  /** What `hash` is taken of. */
  readonly text: string
}

/** An event that is checked and named, but has no place in a stream yet. */
export interface Draft extends Pick<EventRow, 'id' | 'source' | 'type' | 'time'> {
  /** Something that JSON can hold and nobody changes: it is written later, and anew where others append first. */
  readonly payload: unknown
}

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

/** What the hash of an event is taken of: its canonical JSON without `hash` and `position`. */
export function hashedText(row: Omit<EventRow, 'position' | 'hash'>): string {
  const { data, id, previoushash, source, stream, time, type, version } = row
  if (common.source !== source || common.time !== time || common.type !== type)
    common = commonOf(source, time, type)
  return (
    `{"data":${data},"datacontenttype":"application/json","id":${quoted(id)},"previoushash":"${previoushash}"` +
    `${common.middle}${version},"subject":${quoted(stream)}${common.end}`
  )
}

/** What texts have in common that are written one after the other: of fewer parts a text is made sooner. */
const commonOf = (source: string, time: string, type: string) => ({
  source,
  time,
  type,
  middle: `,"source":${quoted(source)},"specversion":"1.0","streamversion":`,
  end: `,"time":${quoted(time)},"type":${quoted(type)}}`,
})

/** Of the text that was written last. */
let common = commonOf('', '', '')

/** The hash of an event: SHA-256 in hexadecimal digits. */
export function hashOf(row: Omit<EventRow, 'position' | 'hash'>): string {
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
export function chainedRow(
  stream: string,
  head: Head,
  { id, source, type, time, payload }: Draft,
): ChainedRow {
  const data = canonicalJson(payload)
  // Member by member: spread out, an event costs twice as much.
  const [version, previoushash] = [head.version + 1, head.hash]
  const text = hashedText({ stream, version, id, source, type, time, data, previoushash })
  return { stream, version, id, source, type, time, data, previoushash, text, hash: hash('sha256', text) }
}

/** The event as readers get it. */
export const toStored = (row: EventRow) => storedAs(row, row.position, JSON.parse(row.data))

/** The same of a row that has its position beside it, and whose payload is parsed. */
export function storedAs(row: Omit<EventRow, 'position'>, position: string, data: unknown): StoredEvent {
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
