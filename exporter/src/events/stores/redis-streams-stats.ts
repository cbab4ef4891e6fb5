import { eventTypes, TYPE_PREFIX } from '../../contract/events.js'
import { DIGEST_STREAM } from '../draft.js'
import type { LogStats } from '../log.js'
import {
  familyKey,
  HEADS,
  LEASES,
  LOG,
  parseHead,
  SNAPSHOTS,
  STATES,
  streamKey,
  typeKey,
} from './redis-streams-keys.js'
import type { StreamsLink } from './redis-streams-link.js'

/** Streams whose size is measured, for the estimate of all. */
const SAMPLE = 10

/** The keys of which there are as many as there are kinds of events. */
const KEYS = [
  ...[LOG, HEADS, LEASES, SNAPSHOTS, STATES],
  ...Object.keys(eventTypes).map((name) => typeKey(TYPE_PREFIX + name)),
  ...new Set(Object.values(eventTypes).map(({ stream }) => familyKey(`${stream}/`))),
]

/** Bytes are the memory of the keys; that of the streams is estimated from some of them. 0 where MEMORY is forbidden. */
export async function statsOf(link: StreamsLink): Promise<LogStats> {
  const [events = 0, digest, streams = 0, sample = []] = (await link.look([
    ['XLEN', LOG],
    ['HGET', HEADS, DIGEST_STREAM],
    ['HLEN', HEADS],
    ['HRANDFIELD', HEADS, String(SAMPLE)],
  ])) as [number?, (string | null)?, number?, string[]?]
  const keys = [...KEYS, ...sample.map(streamKey)]
  const sizes = (await link.look(keys.map((key) => ['MEMORY', 'USAGE', key]))).map((size) =>
    Number(size ?? 0),
  )
  const sum = (of: readonly number[]) => of.reduce((total, size) => total + size, 0)
  const ofStreams = (sum(sizes.slice(KEYS.length)) * streams) / Math.max(1, sample.length)
  return {
    bytes: Math.round(sum(sizes.slice(0, KEYS.length)) + ofStreams),
    events,
    lastDigest: parseHead(digest ?? '').hash,
  }
}
