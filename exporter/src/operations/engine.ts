import type { Actor } from '../contract/actor.js'
import type { NewEvent } from '../contract/events.js'
import type { Operation, Plan, Rate } from '../contract/operations.js'
import { LogUnavailable, VersionConflict, type EventLog } from '../events/log.js'
import { addUp, countsOf } from './progress.js'
import { isOpen, type OperationRecord, type Run } from './record.js'
import {
  OperationError,
  type FreezeState,
  type Operations,
  type PlanRequest,
  type RunRequest,
} from './operations.js'
import { Planner, staleness, type PlannerOptions } from './planner.js'
import { reconcile } from './reconciler.js'
import {
  canBeCancelled,
  refuseCommand,
  refuseFrozen,
  refuseHeld,
  refuseRun,
  refuseSecondRun,
} from './refusals.js'
import { Runner } from './runner.js'
import { OperationStore } from './store.js'
import { operationView, planView } from './views.js'

export interface EngineOptions extends PlannerOptions {
  readonly log: EventLog
  readonly newId: () => string
  /** How long to wait before an append is tried again that the log could not take; a second unless given. */
  readonly logRetryMs?: number
  /** Something failed that should not, while this operation ran. */
  readonly onError: (error: unknown, operation: string) => void
}

const FROZEN = 'frozen'

/**
 * Plans, runs and their ends in one process. A command becomes an event, what was done becomes an event, and what
 * this says of an operation is a fold of them.
 */
export class Engine implements Operations {
  readonly #runner: Runner
  readonly #planner: Planner

  private constructor(
    private readonly options: EngineOptions,
    private readonly store: OperationStore,
  ) {
    this.#planner = new Planner(options)
    this.#runner = new Runner({
      store,
      clusterOf: (name) => this.#planner.cluster(name),
      kindOf: (name) => this.#planner.kind(name),
      retryMs: options.logRetryMs ?? 1000,
      onError: options.onError,
    })
  }

  /** Reads the log. Nothing runs until `start`. @throws LogUnavailable */
  static async open(options: EngineOptions): Promise<Engine> {
    return new Engine(options, await OperationStore.open(options.log))
  }

  /** Goes on with what a former process left: open runs from their last checkpoint, unfinished plans anew. */
  start(): void {
    for (const record of this.store.all()) {
      if (isOpen(record)) this.#runner.drive(record.id, true)
      else if (planView(record, this.options.now()).state === 'planning') void this.#makePlan(record.id)
    }
  }

  /** Leaves every run at its next turn. */
  stop(): Promise<void> {
    return this.#runner.stop()
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

  async plan({ cluster, kind, spec, by, keyPrefixes }: PlanRequest): Promise<Plan> {
    const found = this.#planner.find(cluster, kind).kind
    if (keyPrefixes && !found.bindsKeys)
      throw new OperationError(
        'limited-keys',
        `${kind} touches more than the keys that the token is limited to; use a token without key prefixes`,
      )
    const parsed = found.spec.safeParse(spec)
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
      throw new OperationError(
        'invalid-spec',
        problems.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; '),
        { problems },
      )
    }
    const id = this.options.newId()
    // With its defaults, so that another version's defaults do not change what was planned.
    const data = {
      kind,
      cluster,
      spec: parsed.data,
      by,
      ...(keyPrefixes && { keyPrefixes: [...keyPrefixes] }),
    }
    const record = await this.#append(id, [{ type: 'plan.requested', data }])
    void this.#makePlan(id)
    return this.#planView(record)
  }

  getPlan(id: string): Plan | undefined {
    const record = this.store.get(id)
    return record && this.#planView(record)
  }

  getOperation(id: string): Operation | undefined {
    const record = this.store.get(id)
    return record && operationView(record, this.#runner.hindrance(id))
  }

  /** How many operations of a kind are not over on a cluster. */
  countOpen(cluster: string, kind: string): number {
    return this.store
      .all()
      .filter((record) => isOpen(record) && record.cluster === cluster && record.kind === kind).length
  }

  /** What operations of a kind counted on a cluster since the log began; undefined where they count nothing. */
  countsOf(cluster: string, kind: string): Record<string, number> | undefined {
    const own = this.store.all().filter((record) => record.cluster === cluster && record.kind === kind)
    const counted = own.map(({ run }) => countsOf([...(run?.nodes.values() ?? [])]))
    return addUp(counted.filter((counts) => counts !== undefined))
  }

  listOperations(): readonly Operation[] {
    return this.store
      .all()
      .flatMap(({ id }) => this.getOperation(id) ?? [])
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
  }

  async run(planId: string, request: RunRequest): Promise<Operation> {
    const record = this.#record(planId)
    const repeated = this.#repeated(record, request)
    if (repeated) return repeated
    this.#refuseRun(record, request)
    await this.#refuseIfStale(record)
    const { confirm: cluster, hash, reason, by, idempotencyKey: key, override = [] } = request
    const requested: NewEvent[] = [
      {
        type: 'operation.requested',
        data: { hash, reason, by, ...(key !== undefined && { idempotencyKey: key }) },
      },
    ]
    if (override.length > 0)
      requested.push({ type: 'operation.overridden', data: { by, checks: [...new Set(override)] } })
    const granted: NewEvent = { type: 'admission.granted', data: { operation: planId, kind: record.kind } }
    const stream = `admission/${cluster}`
    const expectedVersion = this.store.admission(cluster).version
    try {
      // Looking took its time: what was asked before is asked again at the moment of the append.
      const make = (now: OperationRecord | undefined) => {
        this.#refuseRun(now!, request)
        refuseHeld(this.store, now!)
        return requested
      }
      await this.#append(planId, make, [{ stream, expectedVersion, events: [granted] }])
    } catch (error) {
      const faster = this.#repeated(record, request)
      if (faster) return faster
      throw error
    }
    this.#runner.drive(planId)
    return this.getOperation(planId)!
  }

  async pause(id: string, by: Actor, reason: string): Promise<Operation> {
    // One that holds itself up can be paused too: it then waits for both.
    return this.#command(id, 'pause', ({ hold }) => !hold, {
      type: 'operation.paused',
      data: { by, reason, gates: [] },
    })
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
    await translated(
      this.store.appendAll([
        { stream: 'control', events: [{ type: 'freeze.changed', data: { on, reason, by } }] },
      ]),
    )
    const running = on ? this.store.all().filter(({ run }) => run?.phase === 'running' && !run.hold) : []
    const pause: NewEvent = { type: 'operation.paused', data: { by, reason, gates: [FROZEN] } }
    for (const { id } of running) {
      // It may have ended meanwhile; and a run that is not told to pause waits for the end of the freeze all the same.
      await this.#append(id, (record) => (record && isOpen(record) ? [pause] : []))
    }
    return this.store.frozen
  }

  /** Looks again at nodes that had not answered when their operation ended. */
  async reconcile(): Promise<void> {
    const waiting = this.store.all().filter(({ run }) => run?.phase === 'needs-attention')
    await translated(Promise.all(waiting.map((record) => reconcile(record, this.#planner, this.store))))
  }

  /** Never throws: what fails is said in the plan, as soon as the log takes it. */
  async #makePlan(id: string): Promise<void> {
    const record = this.store.get(id)!
    const event = this.#planner.told(record, await this.#planner.look(record))
    await this.#runner.append(id, [event]).catch((error: unknown) => this.options.onError(error, id))
  }

  /** The same request of a token again gives the same answer; its key with another request is refused. */
  #repeated(record: OperationRecord, { idempotencyKey, hash, by }: RunRequest): Operation | undefined {
    if (idempotencyKey === undefined) return undefined
    const owner = this.store
      .all()
      .find(({ run }) => run?.idempotencyKey === idempotencyKey && run.by.token === by.token)
    if (!owner) return undefined
    if (owner.id === record.id && owner.run!.hash === hash) return this.getOperation(record.id)
    throw new OperationError('conflict', 'this Idempotency-Key was used for another request; use a new one', {
      operation: owner.id,
    })
  }

  #refuseRun(record: OperationRecord, request: RunRequest): void {
    refuseRun(record, request, this.options.now())
    refuseFrozen(this.store.frozen)
  }

  async #refuseIfStale(record: OperationRecord): Promise<void> {
    const glance = await this.#planner.look(record, true)
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
      [{ stream: `operation/${freshId}`, expectedVersion: 0, events: fresh }],
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

/** What the log says, as the engine's users know it. */
async function translated<T>(appending: Promise<T>): Promise<T> {
  try {
    return await appending
  } catch (error) {
    if (error instanceof VersionConflict)
      throw new OperationError('conflict', 'somebody else was faster; look again')
    if (error instanceof LogUnavailable)
      throw new OperationError(
        'log-unavailable',
        `the event log takes nothing, so nothing is done: ${error.message}`,
      )
    throw error
  }
}
