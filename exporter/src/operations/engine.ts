import type { Actor } from '../contract/actor.js'
import type { NewEvent } from '../contract/events.js'
import type { Operation, Plan, Rate } from '../contract/operations.js'
import { Candidate, type LeaseOptions } from '../events/held-lease.js'
import type { EventLog } from '../events/log.js'
import { admitted, refuseHeld, requested } from './admission.js'
import { Dispatcher } from './dispatcher.js'
import {
  OperationError,
  type FreezeState,
  type Operations,
  type PlanRequest,
  type RunRequest,
} from './operations.js'
import { Planner, staleness, type PlannerOptions } from './planner.js'
import { Reconciler } from './reconciler.js'
import { FROZEN, isOpen, type OperationRecord, type Run } from './record.js'
import {
  canBeCancelled,
  refuseCommand,
  refuseFrozen,
  refuseMade,
  refuseManyPlans,
  refuseRun,
  refuseSecondRun,
} from './refusals.js'
import { isRepeated } from './repeated.js'
import { isPlanning } from './state.js'
import { OperationStore } from './store.js'
import { translated } from './translated.js'
import { operationView, planView } from './views.js'

export interface EngineOptions extends PlannerOptions {
  readonly log: EventLog
  readonly newId: () => string
  /** This process, unlike all others that ever were; owns the leases. A new id unless given. */
  readonly owner?: string
  /** How its leases last and run out; see LeaseOptions. */
  readonly lease?: Pick<LeaseOptions, 'ttlMs' | 'now'>
  /** How long to wait before the log is asked again that did not answer; a second unless given. */
  readonly logRetryMs?: number
  /** How often to look for what another process has left; a second unless given. */
  readonly lookMs?: number
  /** How often the log is told how far a plan is; three seconds unless given. */
  readonly planTellMs?: number
  /** How long operations are remembered that are over; 90 days unless given. */
  readonly retentionMs?: number
  /** Something failed that should not, while this operation ran; '' for none. */
  readonly onError: (error: unknown, operation: string) => void
}

/** Events after which there is something to do. */
const NEWS: ReadonlySet<string> = new Set(['plan.requested', 'operation.requested', 'operation.overridden'])
const DAY_MS = 24 * 3600_000

/**
 * Plans, runs and their ends, on a log that other processes may share. A command becomes an event, what was done
 * becomes an event, and what this says of an operation is a fold of them. Any process takes requests; those that were
 * told to `start` do what they ask for.
 */
export class Engine implements Operations {
  readonly #planner: Planner
  readonly #dispatcher: Dispatcher
  readonly #reconciler: Reconciler
  /** Plans that are on their way into the log. */
  readonly #asked = new Set<Pick<OperationRecord, 'cluster' | 'plannedBy'>>()

  private constructor(
    private readonly options: EngineOptions,
    private readonly store: OperationStore,
  ) {
    const {
      log,
      owner = options.newId(),
      lease,
      logRetryMs = 1000,
      lookMs = 1000,
      planTellMs = 3000,
      onError,
    } = options
    const leases = { log, owner, ...lease }
    this.#planner = new Planner(options)
    this.#reconciler = new Reconciler(this.#planner, store, new Candidate('reconcile', leases))
    this.#dispatcher = new Dispatcher({
      store,
      log,
      leases,
      planner: this.#planner,
      clusterOf: (name) => this.#planner.cluster(name),
      kindOf: (name) => this.#planner.kind(name),
      retryMs: logRetryMs,
      lookMs,
      planTellMs,
      onError,
    })
  }

  /** Reads the log, and follows it. Nothing runs until `start`. @throws LogUnavailable */
  static async open(options: EngineOptions): Promise<Engine> {
    const { log, now, logRetryMs: retryMs = 1000, retentionMs = 90 * DAY_MS, onError } = options
    const changed: { tell?: (id: string) => void } = {}
    const store = await OperationStore.open({
      log,
      now,
      retryMs,
      retentionMs,
      onChange: (id) => changed.tell?.(id),
      onError: (error) => onError(error, ''),
    })
    const engine = new Engine(options, store)
    changed.tell = (id) => {
      const record = store.get(id)
      // What another process does shows here event by event, and is no news for this one.
      if (record && NEWS.has(record.timeline.at(-1)?.type ?? '')) engine.#dispatcher.consider(record)
    }
    return engine
  }

  /** Makes plans and drives runs, new ones and those that no other process has. */
  start(): void {
    this.#dispatcher.start()
  }

  /** Leaves every run at its next turn, for another process or the next start. */
  async stop(): Promise<void> {
    await this.#dispatcher.stop()
    await this.#reconciler.stop()
    await this.store.close()
  }

  /** Keeps a snapshot of the operations, so that what came before it can go. */
  saveSnapshot(): Promise<void> {
    return this.store.save()
  }

  scopeOf(kind: string): string | undefined {
    return this.#planner.kind(kind)?.scope
  }

  readsFrom(kind: string, spec: unknown): readonly string[] {
    const known = this.#planner.kind(kind)
    const parsed = known?.spec.safeParse(spec)
    return parsed?.success ? (known?.readsFrom?.(parsed.data) ?? []) : []
  }

  get frozen(): FreezeState {
    return this.store.frozen
  }

  async plan(request: PlanRequest): Promise<Plan> {
    const data = this.#planner.asked(request)
    refuseManyPlans([...this.store.unfinished().filter(isPlanning), ...this.#asked], request)
    const asked = { cluster: request.cluster, plannedBy: request.by }
    this.#asked.add(asked)
    try {
      return this.#planView(await this.#append(this.options.newId(), [{ type: 'plan.requested', data }]))
    } finally {
      this.#asked.delete(asked)
    }
  }

  getPlan(id: string): Plan | undefined {
    const record = this.store.get(id)
    return record && this.#planView(record)
  }

  getOperation(id: string): Operation | undefined {
    const record = this.store.get(id)
    return record && operationView(record, this.store.frozen, this.#dispatcher.hindrance(record))
  }

  /** How many operations of a kind are not over on a cluster. */
  countOpen(cluster: string, kind: string): number {
    return this.store
      .unfinished()
      .filter((record) => isOpen(record) && record.cluster === cluster && record.kind === kind).length
  }

  /** What operations of a kind counted on a cluster since the log began; undefined where they count nothing. */
  countsOf(cluster: string, kind: string): Record<string, number> | undefined {
    return this.store.countsOf(cluster, kind)
  }

  listOperations(): readonly Operation[] {
    return this.store
      .all()
      .flatMap(({ id }) => this.getOperation(id) ?? [])
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
  }

  async run(planId: string, request: RunRequest): Promise<Operation> {
    const record = this.#record(planId)
    const repeated = this.#repeated(record.id, request)
    if (repeated) return repeated
    this.#refuseRun(record, request)
    await this.#refuseIfStale(record)
    try {
      await this.#append(
        planId,
        // Looking took its time: what was asked before is asked again at the moment of the append.
        (now) => {
          this.#refuseRun(now!, request)
          refuseHeld(now!, this.#shardsOf(now!), this.store.admission(now!.cluster).holders)
          return requested(request)
        },
        { others: () => admitted(record, this.#shardsOf(record), this.store) },
      )
    } catch (error) {
      const faster = this.#repeated(record.id, request)
      if (faster) return faster
      throw error
    }
    return this.getOperation(planId)!
  }

  async pause(id: string, by: Actor, reason: string): Promise<Operation> {
    // One that holds itself up can be paused too: it then waits for both.
    return this.#command(id, 'pause', ({ hold }) => !hold, {
      type: 'operation.paused',
      data: { by, reason, gates: [] },
    })
  }

  async cancelPlan(id: string, by: Actor, reason: string): Promise<Plan> {
    this.#record(id)
    const cancelled: NewEvent = { type: 'plan.cancelled', data: { by, reason } }
    const record = await this.#append(id, (now) => {
      refuseMade(now!, this.options.now())
      return [cancelled]
    })
    return this.#planView(record)
  }

  async resume(id: string, by: Actor, reason: string): Promise<Operation> {
    refuseFrozen(this.store.frozen)
    return this.#command(id, 'resume', ({ hold }) => hold !== undefined, {
      type: 'operation.resumed',
      data: { by, reason },
    })
  }

  async cancel(id: string, by: Actor, reason: string): Promise<Operation> {
    return this.#command(id, 'cancel', canBeCancelled, {
      type: 'operation.cancel-requested',
      data: { by, reason },
    })
  }

  async setRate(id: string, by: Actor, rate: Rate): Promise<Operation> {
    const { kind, run } = this.#record(id)
    if (run && !run.rate) throw new OperationError('wrong-state', `${kind} has no rate to change`)
    return this.#command(id, 'set the rate of', () => true, {
      type: 'operation.rate-changed',
      data: { by, rate },
    })
  }

  /** Stops all operations where they are; they stay paused when the freeze ends, until somebody resumes them. */
  async freeze(on: boolean, reason: string, by: Actor): Promise<FreezeState> {
    const changed: NewEvent = { type: 'freeze.changed', data: { on, reason, by } }
    await translated(this.store.appendAll([{ stream: 'control', events: [changed] }]))
    const running = on ? this.store.unfinished().filter(({ run }) => run?.phase === 'running') : []
    const pause: NewEvent = { type: 'operation.paused', data: { by, reason, gates: [FROZEN] } }
    for (const { id } of running) {
      // It may have ended or been paused meanwhile; and a run that is not told to pause waits for the end of the
      // freeze all the same.
      await this.#append(id, (record) => (record && isOpen(record) && !record.run?.hold ? [pause] : []))
    }
    return this.store.frozen
  }

  /** Looks again at nodes that had not answered when their operation ended. One process does so at a time. */
  reconcile(): Promise<void> {
    return this.#reconciler.reconcile()
  }

  #shardsOf({ kind, ready }: OperationRecord): readonly string[] | undefined {
    return ready && this.#planner.kind(kind)?.shardsOf?.(ready.body)
  }

  #repeated(id: string, request: RunRequest): Operation | undefined {
    return isRepeated(this.store.all(), id, request) ? this.getOperation(id) : undefined
  }

  #refuseRun(record: OperationRecord, request: RunRequest): void {
    refuseRun(record, request, this.options.now())
    refuseFrozen(this.store.frozen)
  }

  async #refuseIfStale(record: OperationRecord): Promise<void> {
    const glance = await this.#planner.look(record, { again: true })
    if (staleness(record.ready!.body, glance).length === 0) return
    const outcome = 'problems' in glance ? glance : await this.#planner.look(record)
    const difference = staleness(record.ready!.body, outcome)
    if (difference.length === 0) return
    const freshId = this.options.newId()
    const { kind, cluster, spec, plannedBy: by, keyPrefixes } = record
    const fresh: NewEvent[] = [
      {
        type: 'plan.requested',
        data: { kind, cluster, spec, by, ...(keyPrefixes && { keyPrefixes: [...keyPrefixes] }) },
      },
      this.#planner.told(record, outcome),
    ]
    await this.#append(
      record.id,
      (now) => {
        refuseSecondRun(now!)
        return [{ type: 'plan.staled', data: { difference, freshPlan: freshId } }]
      },
      { others: () => [{ stream: `operation/${freshId}`, expectedVersion: 0, events: fresh }] },
    )
    const freshPlan = this.getPlan(freshId)
    throw new OperationError(
      'stale',
      `what plan ${record.id} relied on has changed: ${difference.join('; ')}`,
      { difference, freshPlan },
    )
  }

  /** Appends a command to an operation that is not over, if it may have it at that moment. */
  async #command(id: string, verb: string, may: (run: Run) => boolean, event: NewEvent): Promise<Operation> {
    this.#record(id)
    await this.#append(id, (record) => {
      refuseCommand(record!, verb, may)
      return [event]
    })
    return this.getOperation(id)!
  }

  #record(id: string): OperationRecord {
    const record = this.store.get(id)
    if (!record) throw new OperationError('unknown-plan', `there is no plan ${id}`)
    return record
  }

  #planView(record: OperationRecord): Plan {
    return planView(record, this.options.now())
  }

  #append(...args: Parameters<OperationStore['append']>): Promise<OperationRecord> {
    return translated(this.store.append(...args))
  }
}
