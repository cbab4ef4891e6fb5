import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Actor } from '../src/contract/actor.js'
import type { Operation, Plan, PlanBody, Rate } from '../src/contract/operations.js'
import type { Scope } from '../src/contract/tokens.js'
import { controlApp, type ControlApp } from '../src/http/control/app.js'
import type { ControlOptions, WatchedCluster } from '../src/http/control/context.js'
import { makeToken, TokenStore } from '../src/http/control/tokens.js'
import {
  OperationError,
  type FreezeState,
  type Operations,
  type PlanRequest,
  type RunRequest,
} from '../src/operations/operations.js'
import { readInfo } from '../src/redis/info.js'
import type { ClusterNode, NodeReading } from '../src/redis/replies.js'
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
    return { 'eviction-policy': 'policy', warmup: 'warmup' }[kind]
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
  const node = (id: string, role: ClusterNode['role']): ClusterNode => ({
    id,
    address: `127.0.0.1:${id === 'a' ? 1 : 2}`,
    instance: `${id}:1`,
    role,
    primaryId: role === 'primary' ? '' : 'a',
    shard: 's1',
    flags: [],
    slots: role === 'primary' ? [[0, 16383]] : [],
    linksDown: 0,
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

export interface TokenSpec {
  readonly scopes: readonly Scope[]
  readonly clusters?: readonly string[]
  readonly keyPrefixes?: readonly string[]
  readonly expires?: string
  readonly delegated?: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The parsed body; undefined where it is no JSON. */
  readonly body: Record<string, unknown>
}

export interface TestControl {
  readonly url: string
  readonly port: number
  readonly control: ControlApp
  readonly log: MemoryLog
  readonly operations: FakeOperations
  /** Secrets by the id of their token. */
  readonly tokens: Readonly<Record<string, string>>
  readonly tokensFile: string
  readonly warnings: string[]
  readonly errors: unknown[]
  /** Sends a request whose path goes out as it stands. `token` is an id, or a header of its own by `headers`. */
  ask(method: string, path: string, options?: Ask): Promise<Answer>
  stop(): Promise<void>
}

export interface Ask {
  readonly token?: string
  readonly body?: unknown
  readonly raw?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** The API on a free port, with clusters `demo` and `other`, and tokens as given (undefined: none at all). */
export async function startTestControl(
  tokens: Readonly<Record<string, TokenSpec>> | undefined,
  options: Partial<ControlOptions> = {},
): Promise<TestControl> {
  const directory = mkdtempSync(join(tmpdir(), 'slotwise-control-'))
  const tokensFile = join(directory, 'tokens.yml')
  const secrets: Record<string, string> = {}
  const entries = Object.entries(tokens ?? {}).map(([id, spec]) => {
    const { token, hash } = makeToken()
    secrets[id] = token
    return { id, hash, ...spec }
  })
  writeFileSync(tokensFile, stringify({ tokens: entries }))
  const warnings: string[] = []
  const errors: unknown[] = []
  const log = new MemoryLog()
  const operations = new FakeOperations()
  const onWarning = (message: string) => void warnings.push(message)
  const clock = options.clock ?? (() => NOW)
  const control = controlApp({
    clusters: [watched('demo'), watched('other')],
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
    readEviction: () =>
      Promise.resolve([
        {
          id: 'a',
          instance: 'a:1',
          shard: 's1',
          role: 'primary',
          usedMemory: 100,
          maxmemory: 1000,
          policy: 'noeviction',
          samples: 5,
        },
        {
          id: 'b',
          instance: 'b:1',
          shard: 's1',
          role: 'replica',
          usedMemory: 90,
          maxmemory: 1000,
          policy: 'allkeys-lru',
          samples: 5,
        },
      ]),
    sources: ['old', 'secret'],
    listFiles: () =>
      Promise.resolve([{ path: 'seed.jsonl', bytes: 10, modifiedAt: new Date(NOW).toISOString() }]),
    log,
    operations,
    tokens: tokens && new TokenStore(tokensFile, { clock, onWarning }),
    processId: 'test',
    version: '1.2.3',
    clock,
    onWarning,
    onError: (error) => void errors.push(error),
    ...options,
    limits: { requests: 1e6, writes: 1e6, failures: 1e6, ...options.limits },
  })
  const server = createServer(control.handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    control,
    log,
    operations,
    tokens: secrets,
    tokensFile,
    warnings,
    errors,
    ask: (method, path, given = {}) => ask(port, method, path, secrets, given),
    stop: async () => {
      await control.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true })
    },
  }
}

function ask(
  port: number,
  method: string,
  path: string,
  secrets: Readonly<Record<string, string>>,
  { token, body, raw, headers = {} }: Ask,
): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${secrets[token] ?? token}` }),
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
          }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const json = response.headers['content-type']?.includes('json') === true && text !== ''
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            body: (json ? JSON.parse(text) : {}) as Record<string, unknown>,
          })
        })
      },
    )
    sent.on('error', reject)
    // As bytes: text would have Node encode the headers as it encodes the body.
    sent.end(payload === undefined ? undefined : Buffer.from(payload))
  })
}
