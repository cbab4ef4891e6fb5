import { expect, vi } from 'vitest'
import { z } from 'zod'
import type { Blocker, PlanBody, Problem } from '../src/contract/operations.js'
import { Engine, type EngineOptions } from '../src/operations/engine.js'
import type { Kind, PlanContext, RunContext } from '../src/operations/kind.js'
import { Cluster } from '../src/redis/cluster.js'
import { MemoryLog } from './memory-log.js'

export const by = { token: 'tester' }

/** A kind that works on nodes n1, n2, n3 of nobody's cluster: what it does with each is for the test to say. */
export function fakeKind(more: Partial<Kind> = {}) {
  const state = {
    fingerprint: 'f1',
    problems: [] as Problem[],
    blockers: [] as Blocker[],
    work: (() => Promise.resolve()) as (node: string) => Promise<void>,
    begun: [] as string[],
    worked: [] as string[],
    look: (() => Promise.resolve()) as (context: PlanContext) => Promise<void>,
  }
  const nodes = ['n1', 'n2', 'n3']
  const bodyNow = (): PlanBody => ({
    changes: nodes.map((node) => ({ node, shard: 's', role: 'primary', parameter: 'p', from: '0', to: '1' })),
    counts: {},
    warnings: [],
    ...(state.blockers.length > 0 && { blockers: state.blockers }),
    sample: [],
    fingerprint: state.fingerprint,
    estimateSeconds: 0,
    details: {},
  })
  const kind: Kind<{ n?: number | undefined }> = {
    name: 'fake',
    scope: 'policy',
    spec: z.strictObject({ n: z.number().optional() }),
    plan: async (_, context) => {
      await state.look(context)
      return state.problems.length > 0 ? { problems: state.problems } : { body: bodyNow() }
    },
    async run(_, context: RunContext) {
      if (context.undone) return { state: 'undone', summary: context.undone.reason }
      const done = new Set(context.nodes.filter(({ outcome }) => outcome === 'done').map(({ node }) => node))
      for (const node of nodes.filter((name) => !done.has(name))) {
        await context.turn()
        state.begun.push(node)
        await state.work(node)
        state.worked.push(node)
        await context.checkpoint([{ node, outcome: 'done', note: '' }])
      }
      await context.verifying()
      return { state: 'succeeded', summary: 'all three' }
    },
  }
  return { kind: { ...(kind as Kind), ...more }, state }
}

type Fake = ReturnType<typeof fakeKind>

export interface World {
  log: MemoryLog
  engine: Engine
  /** Of the first kind. */
  state: Fake['state']
  /** Ends this process's engine and opens another on what the log holds. */
  restart: () => Promise<World>
  clock: { now: Date }
}

const READING = {
  nodes: [],
  viewsRead: 1,
  views: 1,
  slotsCovered: 0,
  slotsMigrating: 0,
  failovers: 0,
  at: 0,
}

let ids = 0

/** A process: an engine with clusters `demo` and `other` of no nodes, started on what the log holds. */
export async function world(
  log = new MemoryLog(),
  kinds: Fake[] = [fakeKind()],
  clock = { now: new Date('2030-01-01T00:00:00Z') },
  { operates = true, ...more }: Partial<EngineOptions> & { operates?: boolean } = {},
): Promise<World> {
  const clusters = ['demo', 'other'].map(
    (name) => new Cluster({ name, seeds: [], link: {}, allow: [], nodeTimeoutMs: 1 }),
  )
  for (const cluster of clusters) cluster.reading = { ...READING, name: cluster.name }
  const engine = await Engine.open({
    log,
    clusters,
    kinds: kinds.map(({ kind }) => kind),
    now: () => clock.now,
    newId: () => `id${++ids}`,
    owner: `process ${++ids}`,
    logRetryMs: 1,
    lookMs: 5,
    planTellMs: 0,
    onError: (error) => {
      throw error
    },
    ...more,
  })
  if (operates) engine.start()
  return {
    log,
    engine,
    state: kinds[0]!.state,
    clock,
    restart: async () => {
      const found = new MemoryLog({}, log.rows)
      // What the former process had has run out.
      for (const { lease, owner } of await log.leases()) await found.acquire(lease, owner, 0)
      return world(found, kinds, clock)
    },
  }
}

export async function ready(
  { engine }: World,
  cluster = 'demo',
  kind = 'fake',
  keyPrefixes?: readonly string[],
): Promise<{ id: string; hash: string }> {
  const { id } = await engine.plan({ cluster, kind, spec: {}, by, ...(keyPrefixes && { keyPrefixes }) })
  await vi.waitFor(() => expect(engine.getPlan(id)?.state).toBe('ready'), { timeout: 20_000 })
  return { id, hash: engine.getPlan(id)!.hash! }
}

export const request = (hash: string, more: object = {}) => ({
  confirm: 'demo',
  hash,
  reason: 'because',
  by,
  ...more,
})

/** As vi.waitFor, for a machine that is busy. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000 })

/** Resolves when a run of the first kind is in the middle of a node. */
export const begins = ({ state }: World, node = 'n1') => eventually(() => expect(state.begun).toContain(node))

export const ends = (engine: Engine, id: string) =>
  vi.waitFor(
    () => {
      const operation = engine.getOperation(id)!
      expect(operation.endedAt).toBeDefined()
      return operation
    },
    { timeout: 20_000 },
  )

/** A promise that the test resolves. */
export function gate() {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}
