import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Database from 'libsql'
import { chain, NO_HEAD, type ChainedRow, type DraftAppend, type EventRow, type Head } from '../chain.js'
import { DIGEST_STREAM, draftDigest } from '../draft.js'
import { VersionConflict, type LogStats, type VerifyReport } from '../log.js'
import { Verifier } from '../verifier.js'
import type { AppendOutcome, DigestAuthor, RowQuery } from './sqlite-jobs.js'
import { check, migrate, UnusableFile } from './sqlite-schema.js'

const COLUMNS =
  'CAST(position AS TEXT) AS position, stream, version, id, source, type, time, data, previoushash, hash'
/** How many events verify() reads before it lets others have their turn. */
const VERIFY_CHUNK = 2000

/**
 * The log in a SQLite file, for the one thread that has it. All methods are synchronous, but for verify(). Errors
 * are those of the driver; `explain` makes them fit for people.
 */
export class SqliteStore {
  readonly #db: Database.Database
  /** Inodes of the file and its WAL. */
  readonly #inodes: readonly (number | undefined)[]
  readonly #statements = new Map<string, Database.Statement>()
  #last: number
  #count: number
  #lastDigest: string

  /** Opens or creates the file and takes its lock. */
  constructor(private readonly path: string) {
    makeFile(path)
    this.#db = new Database(path)
    try {
      // With this lock held, no other process can open the file; the kernel frees it when this one ends.
      this.#db.pragma('locking_mode = EXCLUSIVE')
      check(this.#db)
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
      this.#db.pragma('journal_mode = WAL')
      this.#db.pragma('synchronous = FULL')
      migrate(this.#db)
      this.#inodes = this.#files().map((file) => file?.ino)
      const [newest] = this.#query<{ last: number | null; count: number }>(
        'SELECT max(position) AS last, count(*) AS count FROM events',
      )
      this.#last = newest?.last ?? 0
      this.#count = newest?.count ?? 0
      this.#lastDigest = this.#headOf(DIGEST_STREAM).hash
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /**
   * Appends in one transaction, each append all or nothing on its own; durable when this returns.
   * @returns what became of each: its rows, or the version that was in its way
   */
  append(appends: readonly (readonly DraftAppend[])[]): AppendOutcome[] {
    const heads = new Map<string, Head>()
    let last = this.#last
    const outcomes = this.#transaction(() =>
      appends.map((append): AppendOutcome => {
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
    const [newest] = this.#query<{ stream: string }>(
      'SELECT stream FROM events ORDER BY position DESC LIMIT 1',
    )
    if (newest === undefined || newest.stream === DIGEST_STREAM) return false
    const author = { source, now: () => new Date(time), newId: () => id }
    this.append([[draftDigest(this.#heads(), author)]])
    return true
  }

  readStream(stream: string, afterVersion: number, limit: number): EventRow[] {
    return this.#query<EventRow>(
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
    const rows = this.#query<EventRow>(
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
    const chunk = this.#prepare(
      `SELECT ${COLUMNS} FROM events WHERE position > ? AND position <= ? ORDER BY events.position LIMIT ?`,
    )
    for (let after = 0, more = true; more;) {
      let read = 0
      for (const row of chunk.iterate(after, end, VERIFY_CHUNK) as Iterable<EventRow>) {
        verifier.add(row)
        after = Number(row.position)
        read++
      }
      more = read === VERIFY_CHUNK
      await setImmediate()
    }
    return verifier.report()
  }

  stats(): LogStats {
    const bytes = this.#files().reduce((sum, file) => sum + (file?.size ?? 0), 0)
    return { bytes, events: this.#count, lastDigest: this.#lastDigest }
  }

  close(): void {
    this.#statements.clear()
    this.#db.close()
  }

  #files() {
    return [this.path, `${this.path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false }))
  }

  #transaction<T>(work: () => T): T {
    // SQLite would go on writing to a file that no longer has a name, and nobody would ever read that.
    if (this.#files().some((file, i) => file?.ino !== this.#inodes[i]))
      throw new UnusableFile(
        'or its -wal was moved, deleted or replaced while it was open; put both back, or restart with what is there now',
      )
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #insert(row: ChainedRow, position: number): EventRow {
    const { stream, version, id, source, type, time, data, previoushash, hash } = row
    this.#prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
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
    const [head] = this.#query<Head>(
      'SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
      stream,
    )
    return head ?? NO_HEAD
  }

  /** The heads of all streams but the digests'. Jumps from stream to stream in the index. */
  #heads(): Map<string, Head> {
    const streams = this.#query<{ stream: string }>(
      `WITH RECURSIVE streams (stream) AS (
        SELECT min(stream) FROM events
        UNION ALL
        SELECT (SELECT min(stream) FROM events WHERE stream > streams.stream) FROM streams WHERE stream IS NOT NULL
      ) SELECT stream FROM streams WHERE stream IS NOT NULL AND stream <> '${DIGEST_STREAM}'`,
    )
    return new Map(streams.map(({ stream }) => [stream, this.#headOf(stream)]))
  }

  /** Always to the last row: a statement that is left halfway would keep a transaction open. */
  #query<Row>(sql: string, ...parameters: unknown[]): Row[] {
    return this.#prepare(sql).all(...parameters) as Row[]
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
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

/**
 * Makes the file and its directory if they are missing, for this user alone. A file that is there is never opened
 * here: closing it again would drop the lock that this process may hold on it.
 */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
