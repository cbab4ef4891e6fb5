import type { StoredEvent } from '../../contract/events.js'
import { familyOf } from '../positions.js'
import { hashedText, NO_HEAD, type ChainedRow, type EventRow, type Head } from '../chain.js'

/**
 * The keys of a log. They have one hash tag, so that a server in cluster mode keeps them on one node.
 *
 * `meta`      hash: schema, log (its id), last (position), trimmed (position), regressed (see redis-streams-scripts.ts),
 *             floor (of tokens; in a restored log)
 * `log`       stream: every event; its id is `<position>-0`, its fields `stream`, `type`, `hash`, and `event`: the text
 *             that the hash is taken of
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

/** The keys that list an event, besides the log. */
export function indexKeys({ stream, type }: Pick<ChainedRow, 'stream' | 'type'>): string[] {
  const family = familyOf(stream)
  return [streamKey(stream), typeKey(type), ...(family === '' ? [] : [familyKey(family)])]
}

/** An event to be written; one that was read has no text yet. */
type Row = Omit<EventRow, 'position'> & Partial<Pick<ChainedRow, 'text'>>

/** An entry of the log as Redis gives it: its id, and names and values of its fields. */
export type Entry = readonly [id: string, fields: readonly string[]]

/** The values of an event's fields in the order in which the log keeps them. The scripts know these places. */
export const toFields = (row: Row): string[] => [row.stream, row.type, row.hash, row.text ?? hashedText(row)]

/** The indexes that a script writes events to: where they stand in its KEYS, and its ARGV for each event. */
export class Indexes {
  readonly #places = new Map<string, number>()

  /** @param before how many KEYS of the script stand before these */
  constructor(private readonly before: number) {}

  get keys(): string[] {
    return [...this.#places.keys()]
  }

  /** As WRITE of redis-streams-scripts.ts takes them. */
  argumentsOf(row: Row): string[] {
    const [stream, type, family = 0] = indexKeys(row).map((key) => this.#placeOf(key))
    return [...[stream, type, family, row.version].map(String), ...toFields(row)]
  }

  /** KEYS are counted from 1. */
  #placeOf(key: string): number {
    const place = this.#places.get(key) ?? this.before + this.#places.size + 1
    this.#places.set(key, place)
    return place
  }
}

/** The event as readers get it. What somebody made of it that is no JSON is an event without content. */
export function toEvent([id, [, stream, , type, , hash, , text]]: Entry): StoredEvent {
  const event = parse(text!)
  return {
    specversion: '1.0',
    id: event.id!,
    source: event.source!,
    type: event.type ?? type!,
    subject: event.subject ?? stream!,
    time: event.time!,
    datacontenttype: 'application/json',
    data: event.data ?? null,
    streamversion: event.streamversion!,
    position: positionOf(id),
    previoushash: event.previoushash!,
    hash: hash!,
  }
}

export const positionOf = (id: string) => id.slice(0, id.indexOf('-'))

function parse(text: string): Partial<StoredEvent> {
  try {
    return JSON.parse(text) as Partial<StoredEvent>
  } catch {
    return {}
  }
}

/** A head as the log keeps it; empty for none. */
export const headText = ({ version, hash }: Head) => (version === 0 ? '' : `${version} ${hash}`)

export function parseHead(text: string): Head {
  if (text === '') return NO_HEAD
  const [version, hash] = text.split(' ') as [string, string]
  return { version: Number(version), hash }
}

/** What HGETALL answers, by name and value. */
export function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])
}
