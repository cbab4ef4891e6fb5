import { setImmediate } from 'node:timers/promises'
import { chain, NO_HEAD, type ChainedRow, type DraftAppend, type EventRow, type Head } from '../chain.js'
import { DIGEST_STREAM, draftDigest } from '../draft.js'
import { VersionConflict, type LogStats, type VerifyReport } from '../log.js'
import { Verifier } from '../verifier.js'
import type { SqliteFile } from './sqlite-file.js'
import type { AppendOutcome, DigestAuthor, FencedAppend, RowQuery } from './sqlite-jobs.js'
import type { SqliteLeases } from './sqlite-leases.js'

const COLUMNS =
  'CAST(position AS TEXT) AS position, stream, version, id, source, type, time, data, previoushash, hash'
/** How many events verify() reads before it lets others have their turn. */
const VERIFY_CHUNK = 2000

/** The events of a SQLite log. All methods are synchronous, but for verify(). */
export class SqliteStore {
  #last: number
  #count: number
  #lastDigest: string

  constructor(
    private readonly file: SqliteFile,
    private readonly leases: SqliteLeases,
  ) {
    const [newest] = file.query<{ last: number | null; count: number }>(
      'SELECT max(position) AS last, count(*) AS count FROM events',
    )
    this.#last = newest?.last ?? 0
    this.#count = newest?.count ?? 0
    this.#lastDigest = this.#headOf(DIGEST_STREAM).hash
  }

  /**
   * Appends in one transaction, each append all or nothing on its own; durable when this returns.
   * @returns what became of each: its rows, or the version or the lease's newer token that was in its way
   */
  append(appends: readonly FencedAppend[]): AppendOutcome[] {
    const heads = new Map<string, Head>()
    let last = this.#last
    const outcomes = this.file.transaction(() =>
      appends.map(({ append, fence }): AppendOutcome => {
        const token = fence && this.leases.tokenOf(fence.lease)
        if (fence && token !== fence.token) return { lost: { fence, current: token! } }
        // Every version is checked before the first row is written, so that a conflict leaves nothing behind.
        const chained = attempt(append, (stream) => heads.get(stream) ?? this.#headOf(stream))
        if ('conflict' in chained) return chained
        for (const [stream, head] of chained.heads) heads.set(stream, head)
        return { rows: chained.rows.map((row) => this.#insert(row, ++last)) }
      }),
    )
    this.#count += last - this.#last
    this.#last = last
    this.#lastDigest = heads.get(DIGEST_STREAM)?.hash ?? this.#lastDigest
    return outcomes
  }

  /** Appends a digest of all heads, unless the newest event is one. Says whether it did. */
  digest({ source, id, time }: DigestAuthor): boolean {
    const [newest] = this.file.query<{ stream: string }>(
      'SELECT stream FROM events ORDER BY position DESC LIMIT 1',
    )
    if (newest === undefined || newest.stream === DIGEST_STREAM) return false
    const author = { source, now: () => new Date(time), newId: () => id }
    this.append([{ append: [draftDigest(this.#heads(), author)] }])
    return true
  }

  readStream(stream: string, afterVersion: number, limit: number): EventRow[] {
    return this.file.query<EventRow>(
      `SELECT ${COLUMNS} FROM events WHERE stream = ? AND version > ? ORDER BY version LIMIT ?`,
      stream,
      afterVersion,
      limit,
    )
  }

  read({ after, order, stream, type, without, limit }: RowQuery): { rows: EventRow[]; next: string } {
    const newest = order === 'newest'
    const from = after ?? (newest ? Number.MAX_SAFE_INTEGER : 0)
    const conditions = [newest ? 'position < ?' : 'position > ?']
    const parameters: unknown[] = [from]
    if (stream !== undefined) {
      conditions.push(stream.endsWith('/') ? "substr(stream, 1, instr(stream, '/')) = ?" : 'stream = ?')
      parameters.push(stream)
    }
    if (type !== undefined) {
      conditions.push('type = ?')
      parameters.push(type)
    }
    if (without !== undefined) {
      conditions.push('type <> ?')
      parameters.push(without)
    }
    const rows = this.file.query<EventRow>(
      `SELECT ${COLUMNS} FROM events WHERE ${conditions.join(' AND ')} ORDER BY events.position ${newest ? 'DESC' : 'ASC'} LIMIT ?`,
      ...parameters,
      limit,
    )
    if (rows.length === limit) return { rows, next: rows.at(-1)!.position }
    return { rows, next: newest ? '0' : String(Math.max(from, this.#last)) }
  }

  head(): string {
    return String(this.#last)
  }

  /** Reads the whole log in the order of its positions, some events at a time; others get their turn between. */
  async verify(anchor: string | undefined): Promise<VerifyReport> {
    const verifier = new Verifier(anchor)
    const end = this.#last
    for (let after = 0; after < end;) {
      const rows = this.file.query<EventRow>(
        `SELECT ${COLUMNS} FROM events WHERE position > ? AND position <= ? ORDER BY events.position LIMIT ?`,
        after,
        end,
        VERIFY_CHUNK,
      )
      for (const row of rows) verifier.add(row)
      after = rows.length === VERIFY_CHUNK ? Number(rows.at(-1)!.position) : end
      await setImmediate()
    }
    return verifier.report()
  }

  stats(): LogStats {
    return { bytes: this.file.bytes, events: this.#count, lastDigest: this.#lastDigest }
  }

  #insert(row: ChainedRow, position: number): EventRow {
    const { stream, version, id, source, type, time, data, previoushash, hash } = row
    this.file.run(
      'INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      position,
      stream,
      version,
      id,
      source,
      type,
      time,
      data,
      previoushash,
      hash,
    )
    return { ...row, position: String(position) }
  }

  #headOf(stream: string): Head {
    const [head] = this.file.query<Head>(
      'SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
      stream,
    )
    return head ?? NO_HEAD
  }

  /** The heads of all streams but the digests'. Jumps from stream to stream in the index. */
  #heads(): Map<string, Head> {
    const streams = this.file.query<{ stream: string }>(
      `WITH RECURSIVE streams (stream) AS (
        SELECT min(stream) FROM events
        UNION ALL
        SELECT (SELECT min(stream) FROM events WHERE stream > streams.stream) FROM streams WHERE stream IS NOT NULL
      ) SELECT stream FROM streams WHERE stream IS NOT NULL AND stream <> '${DIGEST_STREAM}'`,
    )
    return new Map(streams.map(({ stream }) => [stream, this.#headOf(stream)]))
  }
}

function attempt(
  append: readonly DraftAppend[],
  headOf: (stream: string) => Head,
): ReturnType<typeof chain> | Extract<AppendOutcome, { conflict: unknown }> {
  try {
    return chain(append, headOf)
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error
    const { stream, expected, actual } = error
    return { conflict: { stream, expected, actual } }
  }
}
