import { setImmediate } from 'node:timers/promises'
import type { EventRow, Head } from '../chain.js'
import { DIGEST_TYPE, draftDigest, isDigestDue, type Author } from '../draft.js'
import type { AppendAnswer } from '../group-writer.js'
import type { LogStats, Trimmed, VerifyReport } from '../log.js'
import { SnapshotCheck } from '../snapshot-check.js'
import { isTold, tellSnapshots, type ToldSnapshots } from '../snapshots.js'
import { CutFinder, cutOf, draftTrimmed, TRIMMED_TYPE, type Cut, type TrimRow } from '../trim.js'
import { Verifier } from '../verifier.js'
import { SqliteAppender } from './sqlite-appender.js'
import type { FlatGroup } from './sqlite-appends.js'
import { blockOf, eventsIn, FAMILY, SqliteBlocks } from './sqlite-blocks.js'
import type { SqliteFile } from './sqlite-file.js'
import type { DigestAuthor, EventTexts, PageTexts, RowQuery, TrimOrder } from './sqlite-jobs.js'
import type { SqliteLeases } from './sqlite-leases.js'
import type { SqliteSnapshots } from './sqlite-snapshots.js'
import { EVENT_JSON, eventTexts } from './sqlite-texts.js'

const COLUMNS =
  'CAST(position AS TEXT) AS position, stream, version, id, source, type, time, data, previoushash, hash'
/** How many events verify() and trim() take before they let others have their turn. */
const CHUNK = 1000

/** The events of a SQLite log. All methods are synchronous, but for verify(). */
export class SqliteStore {
  /** Where the log begins, once it was trimmed. Rows up to there may be in the file still: nobody sees them. */
  #cut: Cut | undefined
  #trimming: Promise<unknown> = Promise.resolve()
  /** Snapshots that were told by digests of this thread. */
  #told: ToldSnapshots = {}
  readonly #blocks: SqliteBlocks
  readonly #appender: SqliteAppender

  constructor(
    private readonly file: SqliteFile,
    leases: SqliteLeases,
  ) {
    this.#blocks = new SqliteBlocks(file)
    const [trimmed] = file.query<{ data: string }>(
      'SELECT data FROM events WHERE position = ?',
      this.#blocks.newest(TRIMMED_TYPE),
    )
    this.#cut = trimmed && cutOf(trimmed.data)
    const cutHead = (stream: string) => this.#cut?.heads.get(stream)
    this.#appender = new SqliteAppender(file, leases, this.#blocks, cutHead)
  }

  /** Appends a group; see SqliteAppender. */
  append(group: FlatGroup): AppendAnswer[] {
    return this.#appender.append(group)
  }

  /** Appends a digest, unless nothing is new. Says whether it did. */
  digest(author: DigestAuthor, snapshots: SqliteSnapshots, all: boolean): boolean {
    const [newest] = this.file.query<{ type: string; data: string }>(
      'SELECT type, data FROM events ORDER BY position DESC LIMIT 1',
    )
    if (newest === undefined) return false
    const kept = this.#cut ? snapshots.places() : []
    if (!isDigestDue({ ...newest, data: JSON.parse(newest.data) }, kept, all)) return false
    const fresh = snapshots.proofs(kept.filter((place) => !isTold(place, this.#told)))
    const told = tellSnapshots(kept, this.#told, fresh, all)
    const { heads, changed } = this.#heads(this.#blocks.newest(DIGEST_TYPE))
    this.#appender.tell(draftDigest(heads, changed, authorOf(author), told))
    this.#told = told ?? this.#told
    return true
  }

  readStream(stream: string, afterVersion: number, limit: number): EventTexts {
    return eventTexts(
      this.file,
      'events WHERE stream = ? AND version > ? AND position > ?',
      'version',
      limit,
      [stream, afterVersion, this.#through],
    )
  }

  /** @param json what is told of each event */
  read({ after, order, stream, type, without, limit }: RowQuery, json = EVENT_JSON): PageTexts {
    const newest = order === 'newest'
    const from = after ?? (newest ? Number.MAX_SAFE_INTEGER : 0)
    // Of one stream, versions are what there is an index of; they are in the order of the positions.
    const one = stream !== undefined && !stream.endsWith('/')
    const [place, at] = one
      ? ['version', (position: number) => this.#versionAt(stream, position)]
      : ['events.position', (position: number) => position]
    const facet = one ? undefined : (type ?? stream)
    const behind = newest ? this.#through : Math.max(this.#through, from)
    const [conditions, parameters]: [string[], unknown[]] = [[`${place} > ?`], [at(behind)]]
    if (newest) {
      conditions.push(`${place} <= ?`)
      parameters.push(at(from - 1))
    }
    if (stream !== undefined) {
      conditions.push(one ? 'stream = ?' : `${FAMILY} = ?`)
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
    if (facet !== undefined) {
      conditions.push(newest ? 'block <= ?' : 'block >= ?')
      parameters.push(blockOf(newest ? from : behind))
      parameters.unshift(facet)
    }
    const where = conditions.join(' AND ')
    const page = eventTexts(
      this.file,
      facet === undefined ? `events WHERE ${where}` : eventsIn(where),
      (facet === undefined ? [place] : ['block', place])
        .map((by) => `${by} ${newest ? 'DESC' : 'ASC'}`)
        .join(', '),
      limit,
      parameters,
      json,
    )
    const isFull = page.count === limit
    const end = newest ? 0 : Math.max(from, this.#appender.last)
    const next = isFull ? (newest ? page.first : page.last) : end
    return { ...page, next: String(next), through: this.#through }
  }

  head(): string {
    return String(this.#appender.last)
  }

  /** Reads the whole log in the order of its positions, some events at a time; others get their turn between. */
  async verify(
    anchors: readonly (string | undefined)[],
    snapshots: SqliteSnapshots,
  ): Promise<VerifyReport[]> {
    const cut = this.#cut
    const verifier = new Verifier(anchors, cut, new SnapshotCheck(cut && snapshots.proofs()))
    const end = this.#appender.last
    for (let after = this.#through; after < end;) {
      const rows = this.file.query<EventRow>(
        `SELECT ${COLUMNS} FROM events WHERE position > ? AND position <= ? ORDER BY events.position LIMIT ?`,
        after,
        end,
        CHUNK,
      )
      for (const row of rows) verifier.add(row)
      after = rows.length === CHUNK ? Number(rows.at(-1)!.position) : end
      await setImmediate()
      // Events that were trimmed meanwhile are missed: from the new beginning, then.
      if (this.#cut !== cut) return this.verify(anchors, snapshots)
    }
    return anchors.map((anchor) => verifier.report(anchor))
  }

  /**
   * Cuts the log, then takes the rows out of the file, some at a time; others get their turn between. The event that
   * tells the cut is the cut: whatever ends this program, the log begins before it or at it, and a later call goes on
   * taking out rows.
   */
  trim(order: TrimOrder): Promise<Trimmed> {
    const trimmed = this.#trimming.then(() => this.#trim(order))
    this.#trimming = trimmed.catch(() => undefined)
    return trimmed
  }

  async #trim(order: TrimOrder): Promise<Trimmed> {
    const found = await this.#findCut(order)
    if (found) {
      this.#appender.tell(draftTrimmed(found, authorOf(order)))
      this.#cut = found
    }
    await this.#removeRows()
    return { events: found?.events ?? 0, through: found?.through }
  }

  async #findCut({ beforeMs, covered }: TrimOrder) {
    const finder = new CutFinder(beforeMs, this.#cut)
    for (let after = this.#through; after < covered;) {
      const rows = this.file.query<TrimRow>(
        'SELECT CAST(position AS TEXT) AS position, stream, version, time, hash FROM events ' +
          'WHERE position > ? AND position <= ? ORDER BY events.position LIMIT ?',
        after,
        covered,
        CHUNK,
      )
      const all = rows.every((row) => finder.take(row))
      after = all && rows.length === CHUNK ? Number(rows.at(-1)!.position) : covered
      await setImmediate()
    }
    return finder.found
  }

  async #removeRows(): Promise<void> {
    this.file.transaction(() => this.#blocks.trim(this.#through))
    const some = 'SELECT position FROM events WHERE position <= ? ORDER BY position LIMIT ?'
    for (let rows = true, pages = true; rows || pages;) {
      rows = this.file.transaction(() => {
        this.file.run(`DELETE FROM events WHERE position IN (${some})`, this.#through, CHUNK)
        return this.file.query(some, this.#through, 1).length > 0
      })
      pages = this.file.giveBack()
      await setImmediate()
    }
    this.file.checkpoint()
  }

  stats(): LogStats {
    // Positions have no gaps.
    const { last, lastDigest } = this.#appender
    return { bytes: this.file.bytes, events: last - this.#through, lastDigest }
  }

  /** The version that a stream had at a position. */
  #versionAt(stream: string, position: number): number {
    let low = this.#cut?.heads.get(stream)?.version ?? 0
    let high = this.#appender.headOf(stream).version
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const [event] = this.file.query<{ position: number }>(
        'SELECT position FROM events WHERE stream = ? AND version = ?',
        stream,
        middle,
      )
      if (event !== undefined && event.position > position) high = middle - 1
      else low = middle
    }
    return low
  }

  /** Position of the last event that was trimmed. */
  get #through(): number {
    return this.#cut === undefined ? 0 : Number(this.#cut.through)
  }

  /** The heads of all streams, and which have events behind a position. Jumps from stream to stream in the index. */
  #heads(since: number): { heads: Map<string, Head>; changed: string[] } {
    const newest = this.file.query<Head & { stream: string; position: number }>(
      `WITH RECURSIVE streams (stream) AS (
        SELECT min(stream) FROM events
        UNION ALL
        SELECT (SELECT min(stream) FROM events WHERE stream > streams.stream) FROM streams WHERE stream IS NOT NULL
      ) SELECT stream, version, hash, events.position FROM streams JOIN events USING (stream)
        WHERE version = (SELECT max(version) FROM events WHERE stream = streams.stream)`,
    )
    const heads = new Map(this.#cut?.heads)
    for (const { stream, version, hash } of newest) heads.set(stream, { version, hash })
    return { heads, changed: newest.filter(({ position }) => position > since).map(({ stream }) => stream) }
  }
}

function authorOf({ source, id, time }: DigestAuthor): Author {
  return { source, now: () => new Date(time), newId: () => id }
}
