import { NO_HEAD, type ChainedRow, type EventRow, type Head } from '../chain.js'

/**
 * The keys of a log. They have one hash tag, so that a server in cluster mode keeps them on one node.
 *
 * `meta`      hash: schema, log (its id), last (position), trimmed (position), regressed (see redis-streams-scripts.ts)
 * `log`       stream: every event, with its columns as fields; the id is `<position>-0`
 * `heads`     hash: stream -> `<version> <hash>`
 * `leases`    hash: lease -> `<token> <ms when it expires> <owner>`
 * `snapshots` hash: fold -> `<format> <position>`; `states` hash: fold -> JSON
 *
 * `stream:<name>` (ids `<position>-<version>`), `family:<name>/` and `type:<name>` (ids `<position>-0`) are streams of
 * entries without content: a filtered read finds there which events of the log to show.
 */
const PREFIX = 'slotwise:{log}:'

export const META = `${PREFIX}meta`
export const LOG = `${PREFIX}log`
export const HEADS = `${PREFIX}heads`
export const LEASES = `${PREFIX}leases`
export const SNAPSHOTS = `${PREFIX}snapshots`
export const STATES = `${PREFIX}states`

export const streamKey = (stream: string) => `${PREFIX}stream:${stream}`
export const familyKey = (family: string) => `${PREFIX}family:${family}`
export const typeKey = (type: string) => `${PREFIX}type:${type}`

/** The part of a stream up to its slash, the slash included; empty where it has none. */
export const familyOf = (stream: string) => stream.slice(0, stream.indexOf('/') + 1)

/** The keys that list an event, besides the log. */
export function indexKeys({ stream, type }: Pick<ChainedRow, 'stream' | 'type'>): string[] {
  const family = familyOf(stream)
  return [streamKey(stream), typeKey(type), ...(family === '' ? [] : [familyKey(family)])]
}

/** The columns of an event in the order in which the log keeps them. The scripts know these places. */
export const COLUMNS = [
  'stream',
  'version',
  'id',
  'source',
  'type',
  'time',
  'data',
  'previoushash',
  'hash',
] as const satisfies (keyof ChainedRow)[]

/** An event as a script takes it. */
export const toFields = (row: ChainedRow): string[] => COLUMNS.map((column) => String(row[column]))

/** An event as a script gives it: its position and its columns. */
export function toRow(fields: readonly string[]): EventRow {
  const [position, stream, version, id, source, type, time, data, previoushash, hash] = fields as string[] & {
    length: 10
  }
  return {
    position: position!,
    stream: stream!,
    version: Number(version),
    id: id!,
    source: source!,
    type: type!,
    time: time!,
    data: data!,
    previoushash: previoushash!,
    hash: hash!,
  }
}

/** A head as the log keeps it; empty for none. */
export const headText = ({ version, hash }: Head) => (version === 0 ? '' : `${version} ${hash}`)

export function parseHead(text: string): Head {
  if (text === '') return NO_HEAD
  const [version, hash] = text.split(' ') as [string, string]
  return { version: Number(version), hash }
}
