import { setTimeout } from 'node:timers/promises'
import { TYPE_PREFIX, type NewEvent, type StoredEvent } from '../contract/events.js'
import { canonicalJson } from '../events/canonical-json.js'
import {
  LogUnavailable,
  PositionTrimmed,
  VersionConflict,
  type EventLog,
  type Fact,
  type Fence,
  type StreamAppend,
} from '../events/log.js'
import type { FreezeState } from './operations.js'
import type { OperationRecord } from './record.js'
import { OperationsState, SNAPSHOT_FORMAT, type Admission } from './state.js'

export interface StoreOptions {
  readonly log: EventLog
  readonly now: () => Date
  /** How long to wait before the log is followed again that could not be read. */
  readonly retryMs: number
  /** How long operations are remembered that are over. */
  readonly retentionMs: number
  /** An operation is not as it was before. */
  readonly onChange?: (id: string) => void
  /** Something failed that should not. */
  readonly onError: (error: unknown) => void
}

export interface AppendOptions {
  /** Events of other streams that belong to it; asked for again with every attempt. */
  readonly others?: (() => readonly StreamAppend[]) | undefined
  readonly fence?: Fence | undefined
  /** It is tried again: the version that the stream had before the first time, for the answer may have been lost. */
  readonly since?: number | undefined
}

/** What snapshots of the operations are called. */
export const OPERATIONS_FOLD = { name: 'operations', format: SNAPSHOT_FORMAT }
/** A plan that was never run: its time to run is long over, and whoever plans every minute would fill the memory. */
const PLANS_KEPT_MS = 24 * 3600_000
/** Larger pages take longer: for a text of 128 KiB and more the system is asked for memory every time. */
const PAGE = 250
/** A snapshot is taken when so many events have come since the last, or after a while. */
const SAVE_EVENTS = 10_000
const SAVE_MS = 5 * 60_000
/** Others may append to the same stream so often in a row. */
const ATTEMPTS = 20

/**
 * The state of all operations, in step with the log: it follows what other processes append, and what this one appends
 * is there when the append resolves. It has no state of its own that the events could not tell.
 */
export class OperationStore {
  readonly #queues = new Map<string, Promise<unknown>>()
  readonly #waiting = new Map<string, PromiseWithResolvers>()
  readonly #stop = new AbortController()
  #following: Promise<void> = Promise.resolve()
  /** Every event up to here is in the state. */
  #position = ''
  #unsaved = 0
  #savedAt = performance.now()

  private constructor(
    private readonly options: StoreOptions,
    private state: OperationsState,
  ) {}

  /** Reads the newest snapshot and what came after it, and follows the log from there. @throws LogUnavailable */
  static async open(options: StoreOptions): Promise<OperationStore> {
    const snapshot = await options.log.loadSnapshot(OPERATIONS_FOLD.name, SNAPSHOT_FORMAT)
    const store = new OperationStore(
      options,
      snapshot ? OperationsState.from(snapshot.state) : new OperationsState(),
    )
    store.#position = snapshot?.position ?? ''
    await store.#readOn()
    store.#following = store.#follow()
    return store
  }

  /** Follows no more, and keeps a snapshot for the next start. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#following
    if (this.#unsaved > 0) await this.save()
  }

  get frozen(): FreezeState {
    return this.state.frozen
  }

  get(id: string): OperationRecord | undefined {
    return this.state.records.get(id)
  }

  all(): OperationRecord[] {
    return [...this.state.records.values()]
  }

  /** Plans that are being made and runs that are not over. */
  unfinished(): OperationRecord[] {
    return [...this.state.unfinished].map((id) => this.get(id)!)
  }

  admission(cluster: string): Admission {
    return this.state.admission(cluster)
  }

  versionOf(stream: string): number {
    return this.state.versionOf(stream)
  }

  countsOf(cluster: string, kind: string): Record<string, number> | undefined {
    return this.state.countsOf(cluster, kind)
  }

  /**
   * Appends to one operation's stream, after what is being appended to it already, and to others with it. Where
   * somebody else came first it is tried again.
   * @param events or what makes them of the operation as it is then; what that throws is thrown here
   * @throws VersionConflict | LeaseLost | LogUnavailable
   */
  append(
    id: string,
    events: readonly NewEvent[] | ((record: OperationRecord | undefined) => readonly NewEvent[]),
    options: AppendOptions = {},
  ): Promise<OperationRecord> {
    const before = this.#queues.get(id) ?? Promise.resolve()
    const appended = before.then(() => this.#append(id, events, options))
    const settled = appended.catch(() => undefined)
    this.#queues.set(id, settled)
    void settled.then(() => {
      if (this.#queues.get(id) === settled) this.#queues.delete(id)
    })
    return appended
  }

  /** @throws VersionConflict | LeaseLost | LogUnavailable */
  async appendAll(appends: readonly StreamAppend[], fence?: Fence): Promise<void> {
    const events = await this.options.log.append(appends, fence)
    for (const event of events) {
      // Others appended to it meanwhile, and the follower has not come that far.
      if (event.streamversion > this.versionOf(event.subject) + 1) await this.catchUp(event.subject)
      else this.#apply(event)
    }
  }

  /** Takes in what the log has of a stream by now. @throws LogUnavailable */
  async catchUp(stream: string): Promise<void> {
    for (const event of await this.options.log.readStream(stream, this.versionOf(stream))) this.#apply(event)
  }

  /** Resolves at the next change of an operation, or when somebody wakes those who wait for it. */
  changed(id: string): Promise<void> {
    const waiting = this.#waiting.get(id) ?? withResolvers()
    this.#waiting.set(id, waiting)
    return waiting.promise
  }

  wake(id: string): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.resolve()
  }

  async #append(
    id: string,
    events: Parameters<OperationStore['append']>[1],
    { others, fence, since }: AppendOptions,
  ): Promise<OperationRecord> {
    const stream = `operation/${id}`
    const isThere = async (made: readonly NewEvent[], after: number) =>
      events === made && contains(await this.options.log.readStream(stream, after), made)
    for (let attempt = 1; ; attempt++) {
      const made = typeof events === 'function' ? events(this.get(id)) : events
      if (made.length === 0) return this.get(id)!
      if (since !== undefined && (await isThere(made, since))) return this.#caughtUp(id)
      const version = this.versionOf(stream)
      const own = { stream, expectedVersion: version, events: made }
      const appends = [own, ...(others?.() ?? [])]
      try {
        await this.appendAll(appends, fence)
        return this.get(id)!
      } catch (error) {
        if (!(error instanceof VersionConflict) || attempt === ATTEMPTS) throw error
        for (const append of appends) await this.catchUp(append.stream)
        if (since === undefined && (await isThere(made, version))) return this.get(id)!
      }
    }
  }

  async #caughtUp(id: string): Promise<OperationRecord> {
    await this.catchUp(`operation/${id}`)
    return this.get(id)!
  }

  async #readOn(): Promise<void> {
    const { log } = this.options
    let next = log.readFacts({ after: this.#position, limit: PAGE })
    for (let more = true; more;) {
      const page = await next
      // The log reads on while this page is being taken in.
      if (page.events.length === PAGE) next = log.readFacts({ after: page.next, limit: PAGE })
      for (const event of page.events) this.state.apply(event, true)
      this.#position = page.next
      this.#unsaved += page.events.length
      more = page.events.length === PAGE
    }
  }

  /** Until the end; goes on where it was when the log could not be read for a while. */
  async #follow(): Promise<void> {
    const { signal } = this.#stop
    const over = () => signal.aborted
    while (!over()) {
      try {
        for await (const event of this.options.log.follow(this.#position, signal)) {
          this.#apply(event)
          this.#position = event.position
          this.#unsaved++
          if (this.#unsaved >= SAVE_EVENTS || performance.now() - this.#savedAt > SAVE_MS) await this.save()
        }
      } catch (error) {
        if (error instanceof PositionTrimmed) await this.#startOver()
        else if (!(error instanceof LogUnavailable)) this.options.onError(error)
      }
      await setTimeout(this.options.retryMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  /** What this process did not see was trimmed; the snapshot of one that saw it tells it. */
  async #startOver(): Promise<void> {
    const { log, onError, onChange } = this.options
    try {
      const snapshot = await log.loadSnapshot(OPERATIONS_FOLD.name, SNAPSHOT_FORMAT)
      // A fold of this process' format is gone: what can be read is what there is.
      this.state = snapshot ? OperationsState.from(snapshot.state) : new OperationsState()
      this.#position = snapshot?.position ?? ''
      await this.#readOn()
      for (const { id } of this.all()) {
        this.wake(id)
        onChange?.(id)
      }
    } catch (error) {
      if (!(error instanceof LogUnavailable || error instanceof PositionTrimmed)) onError(error)
    }
  }

  /** Keeps a snapshot. The log may take none now; the next one will do. */
  async save(): Promise<void> {
    const { log, now, retentionMs, onError } = this.options
    const before = (ms: number) => new Date(now().getTime() - ms)
    this.state.forget({ runs: before(retentionMs), plans: before(Math.min(retentionMs, PLANS_KEPT_MS)) })
    this.#unsaved = 0
    this.#savedAt = performance.now()
    try {
      await log.saveSnapshot(OPERATIONS_FOLD.name, SNAPSHOT_FORMAT, {
        position: this.#position,
        state: this.state.toJSON(),
      })
    } catch (error) {
      if (!(error instanceof LogUnavailable)) onError(error)
    }
  }

  #apply(event: Fact): void {
    const id = this.state.apply(event)
    if (id === undefined) return
    this.wake(id)
    this.options.onChange?.(id)
  }
}

/** Whether these events are among what was read, one after the other. */
function contains(news: readonly StoredEvent[], events: readonly NewEvent[]): boolean {
  const isSame = (stored: StoredEvent | undefined, { type, data }: NewEvent) =>
    stored?.type === TYPE_PREFIX + type && canonicalJson(stored.data) === canonicalJson(data)
  return news.some((_, i) => events.every((event, k) => isSame(news[i + k], event)))
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function withResolvers(): PromiseWithResolvers {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
