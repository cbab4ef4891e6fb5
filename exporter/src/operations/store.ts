import type { NewEvent, StoredEvent } from '../contract/events.js'
import { VersionConflict, type EventLog, type StreamAppend } from '../events/log.js'
import { applyEvent } from './fold.js'
import { readEvent, type OperationRecord } from './record.js'
import type { FreezeState } from './operations.js'

interface Admission {
  readonly version: number
  /** Operations that work on the cluster, with their kinds. */
  readonly holders: ReadonlyMap<string, string>
}

const NOBODY: Admission = { version: 0, holders: new Map() }
const NOT_FROZEN: FreezeState = { on: false, reason: '' }

/**
 * The state of all operations: folds of the log, held in memory and brought forward with every append. It has no
 * state of its own that the events could not tell.
 */
export class OperationStore {
  readonly #records = new Map<string, OperationRecord>()
  readonly #admissions = new Map<string, Admission>()
  readonly #queues = new Map<string, Promise<unknown>>()
  readonly #waiting = new Map<string, Set<() => void>>()
  #frozen = NOT_FROZEN

  private constructor(private readonly log: EventLog) {}

  /** Reads the log from its beginning. @throws LogUnavailable */
  static async open(log: EventLog): Promise<OperationStore> {
    const store = new OperationStore(log)
    for (const stream of ['operation/', 'admission/', 'control']) {
      for (let after: string | undefined, full = true; full;) {
        const page = await log.read({ stream, limit: 1000, ...(after !== undefined && { after }) })
        for (const event of page.events) store.#apply(event)
        full = page.events.length === 1000
        after = page.next
      }
    }
    return store
  }

  get frozen(): FreezeState {
    return this.#frozen
  }

  get(id: string): OperationRecord | undefined {
    return this.#records.get(id)
  }

  all(): OperationRecord[] {
    return [...this.#records.values()]
  }

  admission(cluster: string): Admission {
    return this.#admissions.get(cluster) ?? NOBODY
  }

  /**
   * Appends to one operation's stream, after what is being appended to it already, and to others with it.
   * @param events or what makes them of the operation as it is then; what that throws is thrown here
   * @throws VersionConflict | LogUnavailable
   */
  append(
    id: string,
    events: readonly NewEvent[] | ((record: OperationRecord | undefined) => readonly NewEvent[]),
    others: readonly StreamAppend[] = [],
  ): Promise<OperationRecord> {
    const before = this.#queues.get(id) ?? Promise.resolve()
    const appended = before.then(async () => {
      const record = this.#records.get(id)
      const made = typeof events === 'function' ? events(record) : events
      if (made.length === 0) return record!
      const stream = `operation/${id}`
      await this.appendAll([{ stream, expectedVersion: record?.version ?? 0, events: made }, ...others])
      return this.#records.get(id)!
    })
    const settled = appended.catch(() => undefined)
    this.#queues.set(id, settled)
    void settled.then(() => {
      if (this.#queues.get(id) === settled) this.#queues.delete(id)
    })
    return appended
  }

  /** @throws VersionConflict | LogUnavailable */
  async appendAll(appends: readonly StreamAppend[]): Promise<void> {
    try {
      for (const event of await this.log.append(appends)) this.#apply(event)
    } catch (error) {
      if (error instanceof VersionConflict) await this.#catchUp(appends)
      throw error
    }
  }

  /** After an append whose answer was lost the log is ahead of what is known here. */
  async #catchUp(appends: readonly StreamAppend[]): Promise<void> {
    for (const { stream } of appends) {
      const [family, name = ''] = split(stream)
      const known =
        family === 'admission' ? this.admission(name).version : (this.#records.get(name)?.version ?? 0)
      for (const event of await this.log.readStream(stream, known)) this.#apply(event)
    }
  }

  /** Resolves at the next change of an operation, or when the signal is aborted. */
  changed(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set()
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.set(id, waiting.add(wake))
      signal.addEventListener('abort', wake)
    })
  }

  #apply(event: StoredEvent): void {
    const [family, name = ''] = split(event.subject)
    if (family === 'operation') {
      const record = applyEvent(this.#records.get(name), event)
      if (record) this.#records.set(name, record)
      const waiting = this.#waiting.get(name)
      this.#waiting.delete(name)
      for (const resolve of waiting ?? []) resolve()
    } else if (family === 'admission') {
      this.#admissions.set(name, admit(this.admission(name), event))
    } else if (family === 'control') {
      const typed = readEvent(event)
      if (typed?.name === 'freeze.changed') this.#frozen = { ...typed.data, since: event.time }
    }
  }
}

function admit({ holders }: Admission, event: StoredEvent): Admission {
  const typed = readEvent(event)
  const next = new Map(holders)
  if (typed?.name === 'admission.granted') next.set(typed.data.operation, typed.data.kind)
  if (typed?.name === 'admission.released') next.delete(typed.data.operation)
  return { version: event.streamversion, holders: next }
}

function split(stream: string): [string, string?] {
  const slash = stream.indexOf('/')
  return slash < 0 ? [stream] : [stream.slice(0, slash), stream.slice(slash + 1)]
}
