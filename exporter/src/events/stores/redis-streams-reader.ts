import type { StoredEvent } from '../../contract/events.js'
import { canonicalJson } from '../canonical-json.js'
import { toRow } from '../chain.js'
import type { Page, ReadOptions, VerifyReport } from '../log.js'
import { mustHaveAll, parseLimit, parsePosition } from '../positions.js'
import { SnapshotCheck } from '../snapshot-check.js'
import { cutOf, TRIMMED_TYPE, type Cut } from '../trim.js'
import { Verifier } from '../verifier.js'
import { familyKey, LOG, SNAPSHOTS, streamKey, toEvent, typeKey, type Entry } from './redis-streams-keys.js'
import type { StreamsLink } from './redis-streams-link.js'
import { ENDS, PLACES, READ } from './redis-streams-scripts.js'
import { placesOf, proofsOf } from './redis-streams-snapshots.js'

/** Entries that one call looks at, so that the server is busy with none for long. */
const CHUNK = 500

interface Query {
  readonly order?: 'oldest' | 'newest'
  /** Position after which to read, in this order; empty: from its beginning. */
  readonly after: string
  /** Events to find, at most. */
  readonly limit?: number
  /** Type that is left out; empty: none. */
  readonly without?: string
}

interface IndexQuery extends Query {
  readonly key: string
  /** What an event must be beyond what the index says already. */
  readonly family?: string
  readonly type?: string
  /** The version of a stream at which to stop. */
  readonly floor?: number
}

export interface Chunk {
  readonly events: StoredEvent[]
  /** Position to read on from. */
  readonly cursor: string
  /** There is no more, up to `end`. */
  readonly done: boolean
  readonly end: number
  /** Position up to which the log is trimmed. */
  readonly trimmed: number
}

/** Reads the log, or through an index so that a filtered read costs what it shows; chunk by chunk. */
export class StreamsReader {
  constructor(private readonly link: StreamsLink) {}

  /** Reads on in the log itself. */
  async log({ order = 'oldest', after, limit = CHUNK, without = '' }: Query): Promise<Chunk> {
    const count = without === '' ? Math.min(CHUNK, limit) : CHUNK
    const newest = order === 'newest'
    const from = String(Math.max(Number(after) + (newest ? -1 : 1), 0))
    const range = newest
      ? (['XREVRANGE', LOG, after === '' ? '+' : from, '-'] as const)
      : (['XRANGE', LOG, from, '+'] as const)
    // Asked behind the events: where nothing was trimmed until then, none is missing.
    const [found, [, through]] = await this.link.readWith([...range, 'COUNT', String(count)], ENDS)
    const entries = (found as Entry[]).map(toEvent)
    const trimmed = Number(through)
    const left = entries.filter(({ position }) => Number(position) > trimmed)
    this.#saw(left)
    const events = left.filter(({ type }) => type !== without).slice(0, limit)
    const isFull = events.length === limit
    const cursor = (isFull ? events : entries).at(-1)?.position ?? after
    const isEnd = entries.length < count || (newest && left.length < entries.length)
    return { events, cursor, done: !isFull && isEnd, end: Number(cursor), trimmed }
  }

  /** Reads on in an index. */
  async index({ key, order = 'oldest', after, limit = CHUNK, ...filter }: IndexQuery): Promise<Chunk> {
    const { family = '', type = '', without = '', floor = '' } = filter
    const filtered = [family, type, without].some((text) => text !== '')
    // Whoever asks for the newest event of a stream should not pay for many.
    const count = filtered ? CHUNK : Math.min(CHUNK, limit)
    const args = [order, after, String(count), String(limit), family, type, without, String(floor)]
    const [last, cursor, done, entries, trimmed] = (await this.link.read('reading', READ, [key], args)) as [
      string,
      string,
      string,
      Entry[],
      string,
    ]
    const events = entries.map(toEvent)
    this.#saw(events)
    return {
      events,
      cursor: cursor === '' ? after : cursor,
      done: done === '1',
      end: Number(last),
      trimmed: Number(trimmed),
    }
  }

  /** Reads back from the newest: the versions of a stream have no gaps, so that this costs what it shows. */
  async readStream(stream: string, afterVersion: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    for (let after = ''; ;) {
      const query = { key: streamKey(stream), order: 'newest', after, floor: afterVersion } as const
      const chunk = await this.index(query)
      events.push(...chunk.events)
      if (chunk.done) return events.reverse()
      after = chunk.cursor
    }
  }

  async read({ after, order = 'oldest', stream = '', type = '', without = '', ...options }: ReadOptions) {
    const from = after === undefined ? '' : String(parsePosition(after))
    const limit = parseLimit(options.limit)
    const index = indexFor(stream, type)
    const events: StoredEvent[] = []
    const page = (next: string): Page => ({ events, next })
    for (let cursor = from; ;) {
      const query = { order, after: cursor, limit: limit - events.length, without }
      const chunk = index ? await this.index({ ...index, ...query }) : await this.log(query)
      mustHaveAll(after, order, chunk.trimmed)
      // It was trimmed while it was read from its beginning on, which is another now.
      if (order === 'oldest' && Number(cursor) > 0 && Number(cursor) < chunk.trimmed && from === '') {
        events.length = 0
        cursor = ''
        continue
      }
      events.push(...chunk.events)
      if (events.length === limit) return page(events.at(-1)!.position)
      if (chunk.done) return page(String(order === 'newest' ? 0 : Math.max(Number(from), chunk.end)))
      cursor = chunk.cursor
    }
  }

  /** The last position, and the one up to which the log is trimmed. */
  async ends(): Promise<{ last: string; trimmed: number }> {
    const [last, trimmed] = (await this.link.read('reading', ENDS, [])) as [string, string]
    return { last, trimmed: Number(trimmed) }
  }

  /** Where the log begins; undefined when it was never trimmed. */
  async cut(): Promise<Cut | undefined> {
    const told = await this.newest(TRIMMED_TYPE)
    return told && cutOf(canonicalJson(told.data))
  }

  /** The newest event of a type. */
  async newest(type: string): Promise<StoredEvent | undefined> {
    const query = { key: typeKey(type), order: 'newest', after: '', limit: 1 } as const
    return (await this.index(query)).events[0]
  }

  async verifyAll(anchors: readonly (string | undefined)[]): Promise<VerifyReport[]> {
    for (;;) {
      const verifier = await this.#verifyOnce(anchors)
      if (verifier) return anchors.map((anchor) => verifier.report(anchor))
    }
  }

  /** Undefined when the log was trimmed meanwhile. */
  async #verifyOnce(anchors: readonly (string | undefined)[]): Promise<Verifier | undefined> {
    const { last, trimmed } = await this.ends()
    // Behind the end: what is kept by then was told by a digest that is read, or is newer than all of them.
    const [places] = (await this.link.read('reading', PLACES, [SNAPSHOTS])) as [string[]]
    const folds = trimmed === 0 ? [] : placesOf(places).map(({ fold }) => fold)
    const snapshots = new SnapshotCheck(await proofsOf(this.link, folds))
    const verifier = new Verifier(anchors, await this.cut(), snapshots)
    for (let after = ''; ;) {
      const chunk = await this.log({ after })
      if (chunk.trimmed !== trimmed) return undefined
      for (const event of chunk.events) if (Number(event.position) <= Number(last)) verifier.add(toRow(event))
      if (chunk.done || Number(chunk.cursor) >= Number(last)) return verifier
      after = chunk.cursor
    }
  }

  #saw(events: readonly StoredEvent[]): void {
    for (const event of [events[0], events.at(-1)])
      if (event) this.link.saw(Number(event.position), event.hash)
  }
}

/**
 * The shortest list that has all events of a stream or family and type, and what is left to look at in each event;
 * undefined: the log itself.
 */
function indexFor(stream: string, type: string): Pick<IndexQuery, 'key' | 'family' | 'type'> | undefined {
  const family = stream.endsWith('/')
  if (stream !== '' && !family) return { key: streamKey(stream), type }
  if (type !== '') return { key: typeKey(type), family: stream }
  return family ? { key: familyKey(stream) } : undefined
}
