import { randomUUID } from 'node:crypto'
import type { StoredEvent } from '../../contract/events.js'
import { draftAppends, type Author } from '../draft.js'
import { follow, News } from '../follow.js'
import { GroupWriter } from '../group-writer.js'
import {
  LogUnavailable,
  type EventLog,
  type Fact,
  type Fence,
  type Lease,
  type LogStats,
  type Page,
  type ReadOptions,
  type Snapshot,
  type StreamAppend,
  type Trimmed,
  type VerifyReport,
} from '../log.js'
import { mustHaveAll, parseLimit, parsePosition } from '../positions.js'
import { parseTime } from '../trim.js'
import { SqliteGroup } from './sqlite-group.js'
import type { DigestAuthor, EventTexts, JobName, Jobs, RowQuery } from './sqlite-jobs.js'
import { SqliteThread } from './sqlite-thread.js'

export interface SqliteLogOptions {
  /** The file; made if it is missing, with its directory, for this user alone. */
  readonly path: string
  /** `source` of the events appended here: a URI reference, e.g. `slotwise/exporter-1`. */
  readonly source: string
  /** The clock; the system's unless given. */
  readonly now?: () => Date
  /** Makes ids; random UUIDs unless given. */
  readonly newId?: () => string
}

/** Events a message from the worker holds, at most. */
const STREAM_PAGE = 1000

/**
 * Opens the event log in a SQLite file, or makes it. The file belongs to this process until close() or its end.
 * The disk is used by a worker thread alone; the appends of a tick, and those that come while a commit is under way,
 * share a commit.
 * @throws LogUnavailable when another process has the file (its pid is named where the system tells), when a newer
 *   Slotwise or another program wrote it, when it cannot be opened or is damaged
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<EventLog> {
  const log = new SqliteLog(options)
  await log.open()
  return log
}

class SqliteLog implements EventLog {
  readonly #path: string
  readonly #author: Author
  readonly #news = new News()
  /** It was open before. */
  #again = false
  #opened: Promise<SqliteThread> | undefined
  /** The same once it is there. */
  #open: SqliteThread | undefined
  #closed: Promise<void> | undefined
  readonly #writer: GroupWriter

  constructor({ path, source, now = () => new Date(), newId = randomUUID }: SqliteLogOptions) {
    this.#path = path
    this.#author = { source, now, newId }
    this.#writer = new GroupWriter(
      path,
      () => new SqliteGroup(this.#open, () => this.#thread()),
      () => this.#news.announce(),
    )
  }

  async open(): Promise<void> {
    await this.#thread()
  }

  async append(appends: readonly StreamAppend[], fence?: Fence): Promise<StoredEvent[]> {
    this.#mustBeOpen()
    return this.#writer.append(draftAppends(appends, this.#author), fence)
  }

  async readStream(stream: string, afterVersion = 0): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    for (;;) {
      const from = events.at(-1)?.streamversion ?? afterVersion
      const page = await this.#request('readStream', { stream, afterVersion: from, limit: STREAM_PAGE })
      events.push(...eventsIn(page))
      if (page.count < STREAM_PAGE) return events
    }
  }

  async read(options: ReadOptions = {}): Promise<Page> {
    const page = await this.#request('read', rowQuery(options))
    mustHaveAll(options.after, options.order, page.through)
    return { events: eventsIn(page), next: page.next }
  }

  async readFacts(options: ReadOptions = {}): Promise<Page<Fact>> {
    const page = await this.#request('readFacts', rowQuery(options))
    mustHaveAll(options.after, options.order, page.through)
    return { events: eventsIn<Fact>(page), next: page.next }
  }

  follow(after: string, signal: AbortSignal): AsyncIterable<StoredEvent> {
    return follow(this, this.#news, after, signal)
  }

  head(): Promise<string> {
    return this.#request('head', undefined)
  }

  async digest(snapshots = false): Promise<void> {
    if (await this.#request('digest', { author: this.#stamp(), snapshots })) this.#news.announce()
  }

  async verify(anchor?: string): Promise<VerifyReport> {
    return (await this.verifyAll([anchor]))[0]!
  }

  verifyAll(anchors: readonly (string | undefined)[]): Promise<VerifyReport[]> {
    return this.#request('verify', { anchors })
  }

  stats(): Promise<LogStats> {
    return this.#request('stats', undefined)
  }

  acquire(lease: string, owner: string, ttlMs: number): Promise<Lease> {
    return this.#request('acquire', { lease, owner, ttlMs })
  }

  release({ lease, token }: Fence): Promise<void> {
    return this.#request('release', { lease, token })
  }

  leases(): Promise<Lease[]> {
    return this.#request('leases', undefined)
  }

  async loadSnapshot(fold: string, format: number): Promise<Snapshot | undefined> {
    const row = await this.#request('loadSnapshot', { fold, format })
    return row && { position: String(row.position), state: JSON.parse(row.state) as unknown }
  }

  async saveSnapshot(fold: string, format: number, { position, state }: Snapshot): Promise<void> {
    const row = { position: parsePosition(position), state: JSON.stringify(state) }
    await this.#request('saveSnapshot', { fold, format, ...row })
  }

  async trim(before: string): Promise<Trimmed> {
    const order = { beforeMs: parseTime(before), ...this.#stamp() }
    const trimmed = await this.#request('trim', order)
    if (trimmed.events > 0) this.#news.announce()
    return trimmed
  }

  /** Commits what waits, then closes the file. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#writer.idle()
    const thread = await this.#opened?.catch(() => undefined)
    await thread?.close()
    this.#news.announce()
  }

  #stamp(): DigestAuthor {
    const { source, now, newId } = this.#author
    return { source, id: newId(), time: now().toISOString() }
  }

  async #request<J extends JobName>(job: J, args: Jobs[J]['args']): Promise<Jobs[J]['result']> {
    this.#mustBeOpen()
    return (await this.#thread()).request(job, args)
  }

  /** The worker with the file open; a new one when the last has died. */
  #thread(): Promise<SqliteThread> {
    this.#opened ??= this.#start()
    return this.#opened
  }

  async #start(): Promise<SqliteThread> {
    const thread = new SqliteThread(this.#path, () => (this.#opened = this.#open = undefined))
    try {
      await thread.request('open', { path: this.#path, again: this.#again })
      this.#again = true
      return (this.#open = thread)
    } catch (error) {
      await thread.close()
      throw error
    }
  }

  #mustBeOpen(): void {
    if (this.#closed !== undefined) throw new LogUnavailable(`event log ${this.#path}: it is closed`)
  }
}

function rowQuery({ after, order = 'oldest', limit, ...filter }: ReadOptions): RowQuery {
  return {
    ...filter,
    ...(after !== undefined && { after: parsePosition(after) }),
    order,
    limit: parseLimit(limit),
  }
}

function eventsIn<E extends Fact = StoredEvent>({ json }: EventTexts): E[] {
  return JSON.parse(json) as E[]
}
