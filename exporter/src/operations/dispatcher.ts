import { HeldLease, processOf, type LeaseOptions } from '../events/held-lease.js'
import { LeaseLost, LogUnavailable, type EventLog, type Fence, type Lease } from '../events/log.js'
import { Drive, type DriveOptions } from './drive.js'
import { makePlan } from './make-plan.js'
import type { Planner } from './planner.js'
import { isOpen, type OperationRecord } from './record.js'
import { isPlanning } from './state.js'

export interface DispatcherOptions extends DriveOptions {
  readonly log: Pick<EventLog, 'leases'>
  readonly leases: LeaseOptions
  readonly planner: Planner
  /** How often to look for what another process has left. */
  readonly lookMs: number
  /** How often the log is told how far a plan is. */
  readonly planTellMs: number
  /** Something failed that should not; the operation is left as the log has it. */
  readonly onError: (error: unknown, id: string) => void
}

/** What this process does under one lease. */
interface Work {
  readonly done: Promise<void>
  lease?: HeldLease
  drive?: Drive
}

/** Finds what there is to do, plans to make and runs to drive, and does each under a lease: in one process at a time. */
export class Dispatcher {
  /** By lease. */
  readonly #work = new Map<string, Work>()
  readonly #failed = new Set<string>()
  /** By lease, as others were last seen to have it. */
  #seen = new Map<string, Lease>()
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #started = false
  /** Why leases cannot be had; empty when they can. */
  #trouble = ''

  constructor(private readonly options: DispatcherOptions) {}

  start(): void {
    this.#started = true
    void this.#look()
  }

  /** Lets every run come to its next turn and leaves it there, and what it held to others. */
  async stop(): Promise<void> {
    this.#started = false
    this.#stop.abort()
    clearTimeout(this.#timer)
    for (const { done, drive, lease } of this.#work.values()) {
      // A plan that is being made touches nothing: nobody need wait for it.
      await (drive ? done : lease?.release())
    }
  }

  /** Why an operation stands still although nobody paused it; one that is over does not. */
  hindrance(record: OperationRecord): string | undefined {
    if (!isOpen(record)) return undefined
    const work = this.#work.get(leaseOf(record))
    if (work?.drive) return work.drive.hindrance
    return this.#started && this.#trouble !== '' ? this.#trouble : undefined
  }

  /** To be called when there may be something to do for an operation. */
  consider(record: OperationRecord): void {
    const name = leaseOf(record)
    if (!this.#started || this.#work.has(name) || this.#failed.has(name)) return
    const work: Work = {
      done: Promise.resolve()
        .then(() => this.#do(name, record.id, work))
        .catch((error: unknown) => {
          if (error instanceof LeaseLost) return
          if (error instanceof LogUnavailable) {
            this.#trouble = `the event log takes nothing: ${error.message}`
            return
          }
          this.#failed.add(name)
          this.options.onError(error, record.id)
        })
        .finally(() => this.#work.delete(name)),
    }
    this.#work.set(name, work)
  }

  async #look(): Promise<void> {
    const open = this.options.store.unfinished().filter((record) => !this.#work.has(leaseOf(record)))
    if (open.length > 0) {
      try {
        const leases = await this.options.log.leases()
        this.#remember(open, leases)
        const held = new Set(leases.flatMap(({ lease, remainingMs }) => (remainingMs > 0 ? [lease] : [])))
        const free = open.filter((record) => !held.has(leaseOf(record)))
        // Those that others have need nothing more of the log.
        if (free.length === 0) this.#trouble = ''
        for (const record of free) this.consider(record)
      } catch (error) {
        if (!(error instanceof LogUnavailable)) this.options.onError(error, '')
        this.#trouble = `the event log does not answer: ${(error as Error).message}`
      }
    }
    if (this.#started) this.#timer = setTimeout(() => void this.#look(), this.options.lookMs)
  }

  async #do(name: string, id: string, work: Work): Promise<void> {
    const { store } = this.options
    const lease = await HeldLease.take(name, this.options.leases)
    this.#trouble = ''
    if (!lease) return
    work.lease = lease
    try {
      // Whoever had the lease before may have appended what has not been followed yet, but appends no more.
      await store.catchUp(`operation/${id}`)
      const record = store.unfinished().find((one) => one.id === id)
      if (!record || leaseOf(record) !== name || !this.#started) return
      if (isPlanning(record)) await makePlan(record, lease, this.options)
      else {
        const takenUp = { process: this.options.leases.owner, ...this.#before(lease.fence) }
        work.drive = new Drive(id, lease, this.options, this.#stop.signal, takenUp)
        await work.drive.toTheEnd()
      }
    } finally {
      await lease.release()
    }
  }

  /** One that is given back tells no more who had it. */
  #remember(open: readonly OperationRecord[], leases: readonly Lease[]): void {
    const names = new Set(open.map(leaseOf))
    const kept = [...this.#seen.values(), ...leases].filter(({ lease }) => names.has(lease))
    this.#seen = new Map(kept.map((one) => [one.lease, one]))
  }

  /** Who had a lease right before this. */
  #before({ lease, token }: Fence): { from?: string } {
    const before = this.#seen.get(lease)
    return before?.token === token - 1 ? { from: processOf(before) } : {}
  }
}

/** A plan has a lease of its own: the first token of an operation's is that of its first start. */
function leaseOf(record: OperationRecord): string {
  return `${record.run ? 'operation' : 'plan'}/${record.id}`
}
