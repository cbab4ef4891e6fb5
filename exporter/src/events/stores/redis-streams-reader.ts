import type { StoredEvent } from '../../contract/events.js'
import { toStored, type EventRow } from '../chain.js'
import type { Page, ReadOptions, VerifyReport } from '../log.js'
import { parseLimit, parsePosition } from '../positions.js'
import { cutOf, TRIMMED_TYPE, type Cut } from '../trim.js'
import { Verifier } from '../verifier.js'
import { familyKey, LOG, streamKey, toRow, typeKey } from './redis-streams-keys.js'
import type { StreamsLink } from './redis-streams-link.js'
import { ENDS, READ } from './redis-streams-scripts.js'

/** Entries that one call looks at, so that the server is busy with none for long. */
const CHUNK = 500

export interface Query {
  /** The log, or an index. */
  readonly key: string
  readonly order?: 'oldest' | 'newest'
  /** Position after which to read, in this order; empty: from its beginning. */
  readonly after: string
  readonly limit?: number
  /** What an entry must be beyond what the index says already. */
  readonly family?: string
  readonly type?: string
  readonly without?: string
  /** The version of a stream at which to stop. */
  readonly floor?: string
}

export interface Chunk {
  readonly rows: EventRow[]
  /** The last position of the log, and the one up to which it is trimmed. */
  readonly last: number
  readonly trimmed: number
  /** Position to read on from. */
  readonly cursor: string
  readonly done: boolean
}

/** Reads the log through its indexes, chunk by chunk, so that a filtered read costs what it shows. */
export class StreamsReader {
  constructor(private readonly link: StreamsLink) {}

  async chunk({ key, order = 'oldest', after, limit = CHUNK, floor = '', ...filter }: Query): Promise<Chunk> {
    const { family = '', type = '', without = '' } = filter
    const filtered = [family, type, without].some((text) => text !== '')
    // Whoever asks for the newest event of a stream should not pay for many.
    const count = filtered ? CHUNK : Math.min(CHUNK, limit)
    const args = [order, after, String(count), String(limit), family, type, without, floor]
    const [last, trimmed, cursor, done, fields] = (await this.link.read('reading', READ, [key], args)) as [
      string,
      string,
      string,
      string,
      string[][],
    ]
    const rows = fields.map(toRow)
    for (const row of [rows[0], rows.at(-1)]) if (row) this.link.saw(Number(row.position), row.hash)
    return {
      rows,
      last: Number(last),
      trimmed: Number(trimmed),
      cursor: cursor === '' ? after : cursor,
      done: done === '1',
    }
  }

  /** Reads back from the newest: the versions of a stream have no gaps, so that this costs what it shows. */
  async readStream(stream: string, afterVersion: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    for (let after = ''; ;) {
      const query = { key: streamKey(stream), order: 'newest', after, floor: String(afterVersion) } as const
      const { rows, cursor, done } = await this.chunk(query)
      events.push(...rows.map(toStored))
      if (done) return events.reverse()
      after = cursor
    }
  }

  async read({ after, order = 'oldest', stream = '', type = '', without = '', ...options }: ReadOptions) {
    const from = after === undefined ? '' : String(parsePosition(after))
    const limit = parseLimit(options.limit)
    const index = indexFor(stream, type)
    const events: StoredEvent[] = []
    const page = (next: string): Page => ({ events, next })
    for (let cursor = from; ;) {
      const wanted = limit - events.length
      const chunk = await this.chunk({ ...index, order, after: cursor, limit: wanted, without })
      events.push(...chunk.rows.map(toStored))
      if (events.length === limit) return page(events.at(-1)!.position)
      if (chunk.done) return page(String(order === 'newest' ? 0 : Math.max(Number(from), chunk.last)))
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
    const { rows } = await this.chunk({ key: typeKey(TRIMMED_TYPE), order: 'newest', after: '', limit: 1 })
    return rows[0] && cutOf(rows[0].data)
  }

  async verify(anchor: string | undefined): Promise<VerifyReport> {
    for (;;) {
      const report = await this.#verifyOnce(anchor)
      if (report) return report
    }
  }

  /** Undefined when the log was trimmed meanwhile. */
  async #verifyOnce(anchor: string | undefined): Promise<VerifyReport | undefined> {
    const { last, trimmed } = await this.ends()
    const verifier = new Verifier(anchor, await this.cut())
    for (let after = ''; ;) {
      const chunk = await this.chunk({ key: LOG, after })
      if (chunk.trimmed !== trimmed) return undefined
      for (const row of chunk.rows) if (Number(row.position) <= Number(last)) verifier.add(row)
      if (chunk.done || Number(chunk.cursor) >= Number(last)) return verifier.report()
      after = chunk.cursor
    }
  }
}

/** The shortest list that has all events of a stream or family and type, and what is left to look at in each event. */
function indexFor(stream: string, type: string): Pick<Query, 'key' | 'family' | 'type'> {
  const family = stream.endsWith('/')
  if (stream !== '' && !family) return { key: streamKey(stream), type }
  if (type !== '') return { key: typeKey(type), family: stream }
  return { key: family ? familyKey(stream) : LOG }
}
