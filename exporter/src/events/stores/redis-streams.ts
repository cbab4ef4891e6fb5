import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { StoredEvent } from '../../contract/events.js'
import { draftAppends, type Author } from '../draft.js'
import { follow, News } from '../follow.js'
import { GroupWriter } from '../group-writer.js'
import {
  LogRegressed,
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
import { parsePosition } from '../positions.js'
import type { ToldSnapshots } from '../snapshots.js'
import { parseTime } from '../trim.js'
import { StreamsGroup, type Condition } from './redis-streams-append.js'
import { digestLog } from './redis-streams-digest.js'
import { LEASES, pairs, SNAPSHOTS, STATES } from './redis-streams-keys.js'
import { StreamsLink, type StreamsServer } from './redis-streams-link.js'
import { StreamsReader } from './redis-streams-reader.js'
import * as scripts from './redis-streams-scripts.js'
import { loadSnapshot } from './redis-streams-snapshots.js'
import { statsOf } from './redis-streams-stats.js'
import { RETRY_MS, StreamsTail } from './redis-streams-tail.js'
import { trimLog, type LogParts } from './redis-streams-trim.js'

export interface StreamsLogOptions extends StreamsServer {
  /** `source` of the events appended here: a URI reference, e.g. `slotwise/exporter-1`. */
  readonly source: string
  /** The clock; the system's unless given. */
  readonly now?: () => Date
  /** Makes ids; random UUIDs unless given. */
  readonly newId?: () => string
}

/**
 * Opens the event log on a Redis or Valkey server, or makes it. Any number of processes may have it open. An append is
 * on the server's disk before it is answered; the server's primary alone is asked.
 * @throws LogUnavailable when the server cannot be reached, must not keep a log (eviction, persistence, a replica),
 *   has one of a newer Slotwise, or is known to have lost events
 */
export async function openStreamsLog(options: StreamsLogOptions): Promise<EventLog> {
  const log = new StreamsLog(options)
  await log.open()
  return log
}

class StreamsLog implements EventLog {
  readonly #author: Author
  readonly #news = new News()
  readonly #link: StreamsLink
  readonly #reader: StreamsReader
  readonly #writer: GroupWriter<Condition>
  readonly #tail: StreamsTail
  /** Snapshots that were told by digests of this process. */
  #told: ToldSnapshots = {}
  #closed: Promise<void> | undefined

  constructor({ source, now = () => new Date(), newId = randomUUID, ...server }: StreamsLogOptions) {
    this.#author = { source, now, newId }
    this.#link = new StreamsLink(server)
    this.#reader = new StreamsReader(this.#link)
    this.#writer = new GroupWriter(
      this.#link.name,
      (condition) => new StreamsGroup(this.#link, condition),
      () => this.#news.announce(),
      true,
    )
    this.#tail = new StreamsTail(server, this.#news)
  }

  async open(): Promise<void> {
    await this.#link.open()
  }

  async append(appends: readonly StreamAppend[], fence?: Fence): Promise<StoredEvent[]> {
    this.#mustBeOpen()
    return this.#writer.append(draftAppends(appends, this.#author), fence)
  }

  async readStream(stream: string, afterVersion = 0): Promise<StoredEvent[]> {
    this.#mustBeOpen()
    return this.#reader.readStream(stream, afterVersion)
  }

  async read(options: ReadOptions = {}): Promise<Page> {
    this.#mustBeOpen()
    return this.#reader.read(options)
  }

  readFacts(options?: ReadOptions): Promise<Page<Fact>> {
    return this.read(options)
  }

  follow(after: string, signal: AbortSignal): AsyncIterable<StoredEvent> {
    this.#tail.start()
    return follow(
      { read: (options) => this.#readPatiently(options, after, signal) },
      this.#news,
      after,
      signal,
    )
  }

  async head(): Promise<string> {
    this.#mustBeOpen()
    return (await this.#reader.ends()).last
  }

  async digest(snapshots = false): Promise<void> {
    this.#mustBeOpen()
    this.#told = await digestLog({ ...this.#parts(), told: this.#told }, snapshots)
  }

  async verify(anchor?: string): Promise<VerifyReport> {
    return (await this.verifyAll([anchor]))[0]!
  }

  async verifyAll(anchors: readonly (string | undefined)[]): Promise<VerifyReport[]> {
    this.#mustBeOpen()
    return this.#reader.verifyAll(anchors)
  }

  async stats(): Promise<LogStats> {
    this.#mustBeOpen()
    // These commands know nothing of a log that went back.
    await this.#reader.ends()
    return statsOf(this.#link)
  }

  async acquire(lease: string, owner: string, ttlMs: number): Promise<Lease> {
    const args = [lease, owner, String(Math.ceil(ttlMs))]
    const [who, token, remaining] = await this.#write('taking a lease', scripts.ACQUIRE, [LEASES], args)
    return { lease, owner: who as string, token: Number(token), remainingMs: Number(remaining) }
  }

  async release({ lease, token }: Fence): Promise<void> {
    await this.#write('freeing a lease', scripts.RELEASE, [LEASES], [lease, String(token)])
  }

  async leases(): Promise<Lease[]> {
    const [now, flat] = (await this.#read(scripts.ALL_LEASES, [LEASES])) as [string, string[]]
    return pairs(flat).flatMap(([lease, kept]) => {
      const [, token, expires, owner] = /^(\d+) (\d+) (.*)$/s.exec(kept)!
      if (owner === '') return []
      return [{ lease, owner: owner!, token: Number(token), remainingMs: Number(expires) - Number(now) }]
    })
  }

  async loadSnapshot(fold: string, format: number): Promise<Snapshot | undefined> {
    this.#mustBeOpen()
    const loaded = await loadSnapshot(this.#link, fold)
    if (loaded?.format !== format) return undefined
    return { position: loaded.position, state: JSON.parse(loaded.state) as unknown }
  }

  async saveSnapshot(fold: string, format: number, { position, state }: Snapshot): Promise<void> {
    const args = [fold, String(format), String(parsePosition(position)), JSON.stringify(state)]
    await this.#write('saving a snapshot', scripts.SAVE, [SNAPSHOTS, STATES], args)
  }

  async trim(before: string): Promise<Trimmed> {
    const beforeMs = parseTime(before)
    this.#mustBeOpen()
    return trimLog(this.#parts(), beforeMs)
  }

  /** Appends what waits, then closes the connections. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#writer.idle()
    this.#link.close()
    await this.#tail.stop()
    this.#news.announce()
  }

  /** Followers wait for a server that is away; they end with one that lost events, and with the log. */
  async #readPatiently(options: ReadOptions = {}, from: string, signal: AbortSignal): Promise<Page> {
    while (!signal.aborted) {
      try {
        return await this.read(options)
      } catch (error) {
        if (!(error instanceof LogUnavailable) || error instanceof LogRegressed || this.#closed) throw error
        await setTimeout(RETRY_MS, undefined, { signal }).catch(() => undefined)
      }
    }
    return { events: [], next: options.after ?? from }
  }

  #parts(): LogParts {
    return { link: this.#link, reader: this.#reader, writer: this.#writer, author: this.#author }
  }

  async #read(script: scripts.Script, keys: string[] = [], args: string[] = []): Promise<unknown[]> {
    this.#mustBeOpen()
    return this.#link.read('reading', script, keys, args)
  }

  async #write(doing: string, script: scripts.Script, keys: string[], args: string[]): Promise<unknown[]> {
    this.#mustBeOpen()
    return this.#link.write(doing, script, keys, args)
  }

  #mustBeOpen(): void {
    if (this.#closed !== undefined) throw new LogUnavailable(`event log ${this.#link.name}: it is closed`)
  }
}
