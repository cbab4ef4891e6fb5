import { Worker } from 'node:worker_threads'
import { LogUnavailable } from '../log.js'
import { ABANDONED, type Flat } from './sqlite-appends.js'
import type { Answer, JobName, Jobs, Message } from './sqlite-jobs.js'

/** The worker is built JavaScript, also when this file runs from its source (Node 20 loads no TypeScript). */
const WORKER = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/events/stores/sqlite-worker.js', import.meta.url)
  : new URL('sqlite-worker.js', import.meta.url)

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: LogUnavailable) => void
}

/** A worker that has opened the file, seen from the main thread. */
export class SqliteThread {
  readonly #worker: Worker
  /** Counts what was sent: the worker waits for it between the pieces of a group. */
  readonly #posted = new Int32Array(new SharedArrayBuffer(4))
  readonly #waiting = new Map<number, Waiting>()
  #requests = 0
  #why = 'it was stopped'
  #ended = false
  readonly #exited: Promise<void>

  constructor(
    private readonly path: string,
    onEnd: () => void,
  ) {
    // With no options of the main program's: not all of them are fit for a worker.
    this.#worker = new Worker(WORKER, { execArgv: [], workerData: { posted: this.#posted } })
    this.#worker.on('message', (answer: Answer) => this.#take(answer))
    this.#worker.on('error', (error: Error) => (this.#why = error.message))
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#ended = true
        for (const { reject } of this.#waiting.values()) reject(this.#dead())
        this.#waiting.clear()
        onEnd()
        resolve()
      })
    })
  }

  /**
   * Does a job in the worker.
   * @throws LogUnavailable
   */
  async request<J extends JobName>(job: J, args: Jobs[J]['args']): Promise<Jobs[J]['result']> {
    if (this.#ended) throw this.#dead()
    const id = this.#requests++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
      this.#post({ id, job, args })
    })
  }

  /** Sends a piece of a group ahead. The next request must be that of the group, without anything else between. */
  send(piece: Flat): void {
    this.#post({ piece })
  }

  /** Takes back what was sent ahead. */
  abandon(): void {
    this.request('append', ABANDONED).catch(() => undefined)
  }

  #post(message: Message): void {
    this.#worker.postMessage(message)
    Atomics.add(this.#posted, 0, 1)
    Atomics.notify(this.#posted, 0)
  }

  /** Lets the worker close the file and ends it. */
  async close(): Promise<void> {
    if (!this.#ended) await this.request('close', undefined)
    await this.#exited
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('failed' in answer) waiting?.reject(new LogUnavailable(answer.failed))
    else waiting?.resolve(answer.result)
  }

  #dead(): LogUnavailable {
    return new LogUnavailable(
      `event log ${this.path}: the thread that has it ended (${this.#why}); the next call opens it again. ` +
        'What was being appended is there as a whole or not at all: read the stream before trying again',
      true,
    )
  }
}
