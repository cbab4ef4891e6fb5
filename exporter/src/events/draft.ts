import { z } from 'zod'
import { eventTypes, TYPE_PREFIX, type EventData, type NewEvent } from '../contract/events.js'
import { ownJson } from './canonical-json.js'
import { hashOfHeads, type Draft, type DraftAppend, type Head } from './chain.js'
import type { StreamAppend } from './log.js'
import { isTold, type SnapshotPlace, type ToldSnapshots } from './snapshots.js'

/** Who writes, and where a writer's clock and ids come from. */
export interface Author {
  /** `source` of its events: a URI reference, e.g. `slotwise/exporter-1`. */
  readonly source: string
  /** The time of events that bring none of their own; asked once an append. */
  readonly now: () => Date
  /** A new id, unlike all before. */
  readonly newId: () => string
}

export const DIGEST_STREAM = 'digest'
export const DIGEST_TYPE = `${TYPE_PREFIX}log.digest`

const STREAM = /^([a-z]+)(\/[\x21-\x7e]{1,250})?$/
const time = z.iso.datetime({ offset: true })

/**
 * Checks events against their schemas and makes them ready to be appended.
 * @throws TypeError naming the event and what does not fit: a mistake of the caller
 */
export function draftAppends(appends: readonly StreamAppend[], author: Author): DraftAppend[] {
  const now = author.now().toISOString()
  return appends.map(({ stream, expectedVersion, events }) => {
    const family = STREAM.exec(stream)?.[1]
    return {
      stream,
      ...(expectedVersion !== undefined && { expectedVersion }),
      events: events.map((event) => draft(stream, family, event, author, now)),
    }
  })
}

function draft(
  stream: string,
  family: string | undefined,
  event: NewEvent,
  author: Author,
  now: string,
): Draft {
  const wrong = (what: string) => new TypeError(`event ${event.type} for stream ${stream}: ${what}`)
  const known = Object.hasOwn(eventTypes, event.type) ? eventTypes[event.type] : undefined
  if (known === undefined) throw wrong('no such type')
  if (family !== known.stream)
    throw wrong(`it stands in streams '${known.stream}' or '${known.stream}/…' of printable ASCII`)
  const parsed = known.data.safeParse(event.data)
  if (!parsed.success)
    throw wrong(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  if (event.time !== undefined && !time.safeParse(event.time).success)
    throw wrong(`its time '${event.time}' is not RFC 3339`)
  return {
    id: author.newId(),
    source: author.source,
    type: TYPE_PREFIX + event.type,
    time: event.time ?? now,
    payload: json(parsed.data, wrong),
  }
}

function json(payload: unknown, wrong: (what: string) => TypeError): unknown {
  try {
    return ownJson(payload)
  } catch (error) {
    throw wrong(`its payload ${(error as Error).message}`)
  }
}

/**
 * Whether a digest would tell anything new.
 * @param newest the newest event of the log
 * @param all also when nothing but snapshots is new
 */
export function isDigestDue(
  newest: { readonly type: string; readonly data: unknown },
  kept: readonly SnapshotPlace[],
  all: boolean,
): boolean {
  if (newest.type !== DIGEST_TYPE) return true
  const { snapshots = {} } = newest.data as EventData<'log.digest'>
  return all && !kept.every((place) => isTold(place, snapshots))
}

/**
 * A digest event.
 * @param all the heads of all streams
 * @param changed the streams that changed since the digest before; more do no harm
 * @param snapshots those of a log that was trimmed
 */
export function draftDigest(
  all: ReadonlyMap<string, Head>,
  changed: Iterable<string>,
  { source, now, newId }: Author,
  snapshots?: ToldSnapshots,
): DraftAppend {
  const others = new Map(all)
  others.delete(DIGEST_STREAM)
  const heads: Record<string, Head> = {}
  for (const stream of changed) if (others.has(stream)) heads[stream] = others.get(stream)!
  const payload = { all: hashOfHeads(others), heads, snapshots }
  const event = { id: newId(), source, type: DIGEST_TYPE, time: now().toISOString(), payload }
  return { stream: DIGEST_STREAM, events: [event] }
}
