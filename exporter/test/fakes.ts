/** What stands behind the API in its tests: an engine in memory, a cluster, its readings. */
import type { Actor } from '../src/contract/actor.js'
import type { Operation, Plan, PlanBody, Rate } from '../src/contract/operations.js'
import type { ControlOptions, WatchedCluster } from '../src/http/control/context.js'
import {
  OperationError,
  type FreezeState,
  type Operations,
  type PlanRequest,
  type RunRequest,
} from '../src/operations/operations.js'
import { readInfo } from '../src/redis/info.js'
import type { ClusterNode, NodeReading } from '../src/redis/replies.js'
import { Alerting } from '../src/services/alerting/alerting.js'
import { nodeOf } from './cluster-node.js'
import { MemoryLog } from './memory-log.js'

export const NOW = Date.parse('2026-11-22T12:00:00Z')

/** An engine that does what it is told in memory and remembers what it was asked. */
export class FakeOperations implements Operations {
  readonly plans = new Map<string, Plan>()
  readonly operations = new Map<string, Operation>()
  readonly asked: { method: string; arguments: readonly unknown[] }[] = []
  frozen: FreezeState = { on: false, reason: '' }
  /** Set to make the next command fail. */
  failure: Error | undefined

  plan(request: PlanRequest): Promise<Plan> {
    return this.#asked('plan', [request], () => {
      if (this.scopeOf(request.kind) === undefined)
        throw new OperationError('unknown-kind', 'there is no such kind; there is eviction-policy')
      const made = planOf(`p${this.plans.size + 1}`, request.cluster, request.by, request.spec)
      const plan = { ...made, kind: request.kind }
      this.plans.set(plan.id, plan)
      return {
        id: plan.id,
        kind: plan.kind,
        cluster: plan.cluster,
        state: 'planning',
        spec: plan.spec,
        by: plan.by,
        createdAt: plan.createdAt,
      }
    })
  }

  getPlan(id: string): Plan | undefined {
    return this.plans.get(id)
  }

  cancelPlan(id: string, by: Actor, reason: string): Promise<Plan> {
    return this.#asked('cancelPlan', [id, by, reason], () => {
      const problem = { reason: `cancelled by ${by.token}`, todo: 'plan again' }
      const plan: Plan = { ...this.plans.get(id)!, state: 'refused', refused: [problem] }
      this.plans.set(id, plan)
      return plan
    })
  }

  run(planId: string, request: RunRequest): Promise<Operation> {
    return this.#asked('run', [planId, request], () => {
      const plan = this.plans.get(planId)!
      if (request.confirm !== plan.cluster)
        throw new OperationError('wrong-confirm', `type the cluster's name, ${plan.cluster}`)
      if (this.operations.has(planId)) throw new OperationError('already-run', 'a plan runs once')
      return this.start(plan, request.by, request.reason)
    })
  }

  start(plan: Plan, by: Actor, reason: string): Operation {
    const operation = operationOf(plan, by, reason)
    this.operations.set(plan.id, operation)
    return operation
  }

  getOperation(id: string): Operation | undefined {
    return this.operations.get(id)
  }

  listOperations(): readonly Operation[] {
    return [...this.operations.values()].reverse()
  }

  pause(id: string, by: Actor, reason: string): Promise<Operation> {
    return this.#change('pause', id, [by, reason], { state: 'paused' })
  }

  resume(id: string, by: Actor, reason: string): Promise<Operation> {
    return this.#change('resume', id, [by, reason], { state: 'running' })
  }

  cancel(id: string, by: Actor, reason: string): Promise<Operation> {
    return this.#change('cancel', id, [by, reason], { state: 'cancelled', summary: 'cancelled' })
  }

  setRate(id: string, by: Actor, rate: Rate): Promise<Operation> {
    return this.#change('setRate', id, [by, rate], { rate })
  }

  freeze(on: boolean, reason: string, by: Actor): Promise<FreezeState> {
    return this.#asked('freeze', [on, reason, by], () => (this.frozen = { on, reason, by }))
  }

  scopeOf(kind: string): string | undefined {
    return { 'eviction-policy': 'policy', warmup: 'warmup', 'evict-keys': 'evict' }[kind]
  }

  readsFrom(kind: string, spec: unknown): readonly string[] {
    const { source } = spec as { source?: { name?: string } }
    return kind === 'warmup' && source?.name !== undefined ? [source.name] : []
  }

  #change(
    method: string,
    id: string,
    rest: readonly unknown[],
    change: Partial<Operation>,
  ): Promise<Operation> {
    return this.#asked(method, [id, ...rest], () => {
      const changed = { ...this.operations.get(id)!, ...change }
      this.operations.set(id, changed)
      return changed
    })
  }

  #asked<T>(method: string, given: readonly unknown[], act: () => T): Promise<T> {
    this.asked.push({ method, arguments: given })
    return new Promise((resolve) => {
      if (this.failure) throw this.failure
      resolve(act())
    })
  }
}

const BODY: PlanBody = {
  changes: [
    {
      node: 'a:1',
      shard: 's1',
      role: 'primary',
      parameter: 'maxmemory-policy',
      from: 'noeviction',
      to: 'allkeys-lru',
    },
  ],
  counts: { nodes: 1, changes: 1 },
  warnings: ['volatile keys are evicted too'],
  sample: [{ key: 'user:1' }],
  fingerprint: 'f',
  estimateSeconds: 1,
  details: {},
}

export function planOf(id: string, cluster: string, by: Actor = { token: 't' }, spec: unknown = {}): Plan {
  const at = new Date(NOW).toISOString()
  return {
    id,
    kind: 'eviction-policy',
    cluster,
    state: 'ready',
    spec,
    by,
    createdAt: at,
    readyAt: at,
    expiresAt: new Date(NOW + 900_000).toISOString(),
    hash: `hash-of-${id}`,
    ...BODY,
  }
}

export function operationOf(plan: Plan, by: Actor = { token: 't' }, reason = 'test'): Operation {
  return {
    id: plan.id,
    kind: plan.kind,
    cluster: plan.cluster,
    state: 'running',
    by,
    reason,
    startedAt: new Date(NOW).toISOString(),
    summary: 'setting 1 value',
    nodes: [{ node: 'a:1', outcome: 'working', note: '' }],
    progress: { done: 0, total: 1 },
    gates: [],
    changes: BODY.changes,
    timeline: [{ time: new Date(NOW).toISOString(), type: 'operation.requested', text: 'requested by t' }],
  }
}

/** One shard: a primary that holds all slots and its replica. */
export function watched(name: string): WatchedCluster {
  const node = (id: string, role: ClusterNode['role']) =>
    nodeOf(`127.0.0.1:${id === 'a' ? 1 : 2}`, {
      id,
      instance: `${id}:1`,
      role,
      primaryId: role === 'primary' ? '' : 'a',
      shard: 's1',
      slots: role === 'primary' ? [[0, 16383]] : [],
    })
  return {
    name,
    errors: [],
    reading: {
      name,
      nodes: [node('b', 'replica'), node('a', 'primary')],
      viewsRead: 2,
      views: 1,
      slotsCovered: 16384,
      slotsMigrating: 0,
      failovers: 0,
      at: NOW / 1000,
    },
  }
}

export function readingsOf(): ReadonlyMap<string, NodeReading> {
  const reading = (info: string): NodeReading => ({
    info: readInfo(Buffer.from(info)),
    clusterInfo: { value: readInfo(Buffer.from('cluster_state:ok\r\ncluster_current_epoch:7\r\n')) },
    connectSeconds: 0,
    durationSeconds: 0,
    at: NOW / 1000,
  })
  return new Map([
    ['a:1', reading('used_memory:100\r\nmaxmemory:1000\r\nmaster_repl_offset:50\r\n')],
    ['b:1', reading('used_memory:90\r\nmaxmemory:1000\r\nmaster_link_status:up\r\nslave_repl_offset:40\r\n')],
  ])
}

/** The API in front of all this, with a cluster `demo` and no tokens. */
export function controlOptions(more: Partial<ControlOptions> = {}): ControlOptions {
  const { log = new MemoryLog(), clock = () => NOW } = more
  const onWarning = () => undefined
  const node = { shard: 's1', maxmemory: 1000, samples: 5 }
  return {
    clusters: [watched('demo')],
    readings: readingsOf,
    health: () => [
      { name: 'slots_covered', ok: true, evidence: '16384 of 16384 slots are served', todo: '' },
      {
        name: 'links_up',
        ok: false,
        evidence: 'down: b:1',
        todo: 'look',
        since: new Date(NOW).toISOString(),
      },
    ],
    eviction: {
      look: (cluster) =>
        Promise.resolve({
          cluster,
          effective: { maxmemory: 1000, samples: 5 },
          nodes: [
            { ...node, id: 'a', instance: 'a:1', role: 'primary', usedMemory: 100, policy: 'noeviction' },
            { ...node, id: 'b', instance: 'b:1', role: 'replica', usedMemory: 90, policy: 'allkeys-lru' },
          ],
          drift: [
            {
              parameter: 'policy',
              values: [
                { value: 'noeviction', nodes: ['a:1'] },
                { value: 'allkeys-lru', nodes: ['b:1'] },
              ],
            },
          ],
          unpersisted: [],
          pressure: { usedBytes: 100, maxBytes: 1000 },
          sample: { state: 'none' },
          advice: [
            {
              rule: 'nodes-disagree',
              severity: 'warning',
              what: 'Nodes disagree',
              why: 'A failover would change it.',
              evidence: [{ figure: 'policy', value: '1 and 1', source: 'CONFIG GET' }],
              confidence: 'high',
              todo: 'Set it.',
              spec: { policy: 'allkeys-lru' },
            },
          ],
        }),
      sample: () => ({ state: 'running', progress: { done: 0, total: 9604 } }),
    },
    sources: ['old', 'secret'],
    listFiles: () =>
      Promise.resolve([{ path: 'seed.jsonl', bytes: 10, modifiedAt: new Date(NOW).toISOString() }]),
    log,
    folds: [{ name: 'health', format: 1 }],
    operations: new FakeOperations(),
    alerts: new Alerting({
      log,
      clusters: ['demo', 'other'],
      clusterLabel: 'redis_cluster',
      expireMs: 5 * 3_600_000,
      now: () => new Date(clock()),
      onWarning,
    }),
    tokens: undefined,
    processId: 'test',
    version: '1.2.3',
    clock,
    onWarning,
    onError: () => undefined,
    ...more,
  }
}
