import { randomUUID } from 'node:crypto'
import type { StoredEvent } from '../src/contract/events.js'
import { chain, NO_HEAD, toStored, type DraftAppend, type EventRow, type Head } from '../src/events/chain.js'
import {
  DIGEST_STREAM,
  DIGEST_TYPE,
  draftAppends,
  draftDigest,
  isDigestDue,
  type Author,
} from '../src/events/draft.js'
import { follow, News } from '../src/events/follow.js'
import {
  LeaseLost,
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
} from '../src/events/log.js'
import { mustHaveAll, parseLimit, parsePosition } from '../src/events/positions.js'
import { SnapshotCheck } from '../src/events/snapshot-check.js'
import {
  hashOfSnapshot,
  isTold,
  tellSnapshots,
  type SnapshotProof,
  type ToldSnapshots,
} from '../src/events/snapshots.js'
import { CutFinder, cutOf, draftTrimmed, parseTime, TRIMMED_TYPE, type Cut } from '../src/events/trim.js'
import { Verifier } from '../src/events/verifier.js'

/** An event log for tests that behaves as the real ones do and forgets. */
export class MemoryLog implements EventLog {
  readonly #author: Author
  #rows: EventRow[]
  #cut: Cut | undefined
  #last: number
  readonly #news = new News()
  #heads: Map<string, Head>
  #closed = false
  #told: ToldSnapshots = {}
  readonly #leases: Map<string, { owner: string; token: number; expiresAt: number }>
  readonly #snapshots: Map<string, Snapshot & { readonly format: number }>
  /** Set to make every append fail with this message, as on a full disk. */
  unavailable: string | undefined

  /**
   * @param rows what the log holds already
   * @param before the log that is opened again: its leases and snapshots are there, too
   */
  constructor(author: Partial<Author> = {}, rows: readonly EventRow[] = [], before?: MemoryLog) {
    this.#author = { source: 'slotwise/test', now: () => new Date(), newId: randomUUID, ...author }
    this.#rows = [...rows]
    const trimmed = rows.findLast(({ type }) => type === TRIMMED_TYPE)
    this.#cut = trimmed && cutOf(trimmed.data)
    this.#last = Number(rows.at(-1)?.position ?? 0)
    this.#heads = new Map(this.#cut?.heads)
    for (const { stream, version, hash } of rows) this.#heads.set(stream, { version, hash })
    this.#leases = new Map(before ? before.#leases : [])
    this.#snapshots = new Map(before ? before.#snapshots : [])
  }

  /** All rows, for another MemoryLog: what a restart finds. */
  get rows(): readonly EventRow[] {
    return this.#rows
  }

  /** What somebody does who has the store: states in the place of what snapshots say; undefined takes one away. */
  putStates(states: Readonly<Record<string, unknown>>): void {
    for (const [fold, state] of Object.entries(states)) {
      const kept = this.#snapshots.get(fold)!
      if (state === undefined) this.#snapshots.delete(fold)
      else this.#snapshots.set(fold, { ...kept, state })
    }
  }

  async append(appends: readonly StreamAppend[], fence?: Fence): Promise<StoredEvent[]> {
    const drafts = draftAppends(appends, this.#author)
    await this.#tick()
    const current = fence && (this.#leases.get(fence.lease)?.token ?? 0)
    if (fence && current !== fence.token) throw new LeaseLost(fence, current!)
    return this.#append(drafts)
  }

  async readStream(stream: string, afterVersion = 0): Promise<StoredEvent[]> {
    await this.#tick()
    return this.#rows.filter((row) => row.stream === stream && row.version > afterVersion).map(toStored)
  }

  async read(options: ReadOptions = {}): Promise<Page> {
    const newest = options.order === 'newest'
    const after = options.after === undefined && newest ? Infinity : parsePosition(options.after ?? '')
    const limit = parseLimit(options.limit)
    await this.#tick()
    mustHaveAll(options.after, options.order, Number(this.#cut?.through ?? 0))
    const rows = newest
      ? this.#rows.filter(({ position }) => Number(position) < after).reverse()
      : this.#rows.filter(({ position }) => Number(position) > after)
    const events = rows
      .filter((row) => matches(row, options))
      .slice(0, limit)
      .map(toStored)
    const last = newest ? 0 : Math.max(after, this.#last)
    return { events, next: events.length === limit ? events.at(-1)!.position : String(last) }
  }

  readFacts(options?: ReadOptions): Promise<Page<Fact>> {
    return this.read(options)
  }

  follow(after: string, signal: AbortSignal): AsyncIterable<StoredEvent> {
    return follow(this, this.#news, after, signal)
  }

  async head(): Promise<string> {
    await this.#tick()
    return String(this.#last)
  }

  async digest(all = false): Promise<void> {
    await this.#tick()
    const newest = this.#rows.at(-1)
    const kept = this.#cut ? this.#proofs() : []
    if (newest === undefined || !isDigestDue(toStored(newest), kept, all)) return
    const fresh = kept.filter((place) => !isTold(place, this.#told))
    const told = tellSnapshots(kept, this.#told, fresh, all)
    this.#told = told ?? this.#told
    const since = this.#rows.findLastIndex(({ type }) => type === DIGEST_TYPE) + 1
    const changed = this.#rows.slice(since).map(({ stream }) => stream)
    this.#append([draftDigest(this.#heads, changed, this.#author, told)])
  }

  async verify(anchor?: string): Promise<VerifyReport> {
    return (await this.verifyAll([anchor]))[0]!
  }

  async verifyAll(anchors: readonly (string | undefined)[]): Promise<VerifyReport[]> {
    await this.#tick()
    const verifier = new Verifier(anchors, this.#cut, new SnapshotCheck(this.#proofs()))
    for (const row of this.#rows) verifier.add(row)
    return anchors.map((anchor) => verifier.report(anchor))
  }

  async stats(): Promise<LogStats> {
    await this.#tick()
    return {
      bytes: this.#rows.reduce((sum, row) => sum + row.data.length, 0),
      events: this.#rows.length,
      lastDigest: this.#rows.findLast((row) => row.stream === DIGEST_STREAM)?.hash ?? '',
    }
  }

  async acquire(lease: string, owner: string, ttlMs: number): Promise<Lease> {
    await this.#tick()
    const now = this.#author.now().getTime()
    const row = this.#leases.get(lease) ?? { owner: '', token: 0, expiresAt: -Infinity }
    if (row.owner === owner || row.expiresAt <= now) {
      if (row.owner !== owner) row.token++
      Object.assign(row, { owner, expiresAt: now + ttlMs })
      this.#leases.set(lease, row)
    }
    return { lease, owner: row.owner, token: row.token, remainingMs: row.expiresAt - now }
  }

  async release({ lease, token }: Fence): Promise<void> {
    await this.#tick()
    const row = this.#leases.get(lease)
    if (row?.token === token) Object.assign(row, { owner: '', expiresAt: -Infinity })
  }

  async leases(): Promise<Lease[]> {
    await this.#tick()
    const now = this.#author.now().getTime()
    return [...this.#leases]
      .filter(([, { owner }]) => owner !== '')
      .map(([lease, { owner, token, expiresAt }]) => ({ lease, owner, token, remainingMs: expiresAt - now }))
  }

  async loadSnapshot(fold: string, format: number): Promise<Snapshot | undefined> {
    await this.#tick()
    const found = this.#snapshots.get(fold)
    return found?.format === format ? { position: found.position, state: found.state } : undefined
  }

  async saveSnapshot(fold: string, format: number, { position, state }: Snapshot): Promise<void> {
    await this.#tick()
    const kept = this.#snapshots.get(fold)
    if (kept?.format === format && Number(kept.position) >= Number(position)) return
    this.#snapshots.set(fold, { position, format, state: JSON.parse(JSON.stringify(state)) as unknown })
  }

  async trim(before: string): Promise<Trimmed> {
    const beforeMs = parseTime(before)
    await this.#tick()
    const covered = Math.min(...[...this.#snapshots.values()].map(({ position }) => Number(position)))
    const finder = new CutFinder(beforeMs, this.#cut)
    const coveredRows = this.#rows.filter(({ position }) => Number(position) <= covered)
    if (this.#snapshots.size > 0) coveredRows.every((row) => finder.take(row))
    const { found } = finder
    if (!found) return { events: 0, through: undefined }
    this.#append([draftTrimmed(found, this.#author)])
    this.#cut = found
    this.#rows = this.#rows.filter(({ position }) => Number(position) > Number(found.through))
    return { events: found.events, through: found.through }
  }

  close(): Promise<void> {
    this.#closed = true
    this.#news.announce()
    return Promise.resolve()
  }

  #proofs(): SnapshotProof[] {
    return [...this.#snapshots].map(([fold, { format, position, state }]) => {
      const place = { fold, format, position }
      return { ...place, hash: hashOfSnapshot(place, JSON.stringify(state)) }
    })
  }

  #append(drafts: readonly DraftAppend[]): StoredEvent[] {
    if (this.unavailable !== undefined) throw new LogUnavailable(this.unavailable)
    const { rows, heads } = chain(drafts, (stream) => this.#heads.get(stream) ?? NO_HEAD)
    const placed = rows.map((row, i) => ({ ...row, position: String(this.#last + i + 1) }))
    this.#last += placed.length
    this.#rows.push(...placed)
    // An append without events makes no stream.
    for (const [stream, head] of heads) if (head.version > 0) this.#heads.set(stream, head)
    if (placed.length > 0) this.#news.announce()
    return placed.map(toStored)
  }

  /** Nothing is answered in the same tick, as with a real store. */
  async #tick(): Promise<void> {
    await Promise.resolve()
    if (this.#closed) throw new LogUnavailable('the event log is closed')
  }
}

function matches(row: EventRow, { stream, type, without }: ReadOptions): boolean {
  if (row.type === without) return false
  if (type !== undefined && row.type !== type) return false
  if (stream === undefined) return true
  return stream.endsWith('/') ? row.stream.startsWith(stream) : row.stream === stream
}
