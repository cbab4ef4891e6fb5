import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { noLimits } from '../../bench/src/no-limits.js'
import type { WarmupSpec } from '../../src/contract/kinds/warmup.js'
import type { NodeProgress } from '../../src/contract/operations.js'
import type { Ending } from '../../src/operations/kind.js'
import { warmup } from '../../src/operations/kinds/warmup/kind.js'
import type { Cluster } from '../../src/redis/cluster.js'
import { clusterOf, contentOf, fill, flush } from '../warmup.js'

/** A warmup that may write so many keys, and whose process ends in the middle. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-warmup-limit-'))
const [KEYS, LIMIT] = [6000, 2000]
let servers: RedisCluster[] = []
let clusters: Cluster[] = []

beforeAll(async () => {
  const ports = await freePorts(6, { bus: true })
  servers = await Promise.all(
    [ports.slice(0, 3), ports.slice(3)].map((own) => startCluster({ ports: own, replicas: 0, dir })),
  )
  clusters = servers.map(({ nodes }, i) => clusterOf(i === 0 ? 'old' : 'demo', nodes[0]!))
  for (const cluster of clusters) await cluster.refresh()
  await fill(servers[0]!.nodes, KEYS)
})
afterAll(async () => {
  for (const cluster of clusters) cluster.close()
  await Promise.all(servers.map((one) => one.stop()))
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => flush(servers[1]!.nodes))

const kind = warmup({ sourceOf: () => clusters[0], clusterOf: () => clusters[1], dir: '' })

/** What a checkpoint holds. */
interface Kept {
  readonly nodes: readonly NodeProgress[]
  readonly state: unknown
}
const countOf = (nodes: readonly NodeProgress[], name: string) =>
  nodes.filter(({ shard }) => shard === undefined).reduce((sum, { counts }) => sum + (counts?.[name] ?? 0), 0)

/**
 * Runs it from a checkpoint.
 * @param isKept undefined: each checkpoint is; where one is not, the process has ended before it
 */
async function run(
  spec: WarmupSpec,
  from: Kept | undefined,
  isKept: (next: Kept, last: Kept | undefined) => boolean = () => true,
): Promise<{ ending: Ending | undefined; kept: Kept }> {
  const planned = await kind.plan(spec, { id: 'w', cluster: clusters[1]! })
  if ('problems' in planned) throw new Error(JSON.stringify(planned.problems))
  let kept = from
  const killed = new Error('killed')
  const ending = await kind
    .run(spec, {
      ...noLimits,
      id: 'w',
      cluster: clusters[1]!,
      body: planned.body,
      connectionName: 'slotwise/w/1',
      mustOwn: () => undefined,
      confirmOwn: () => Promise.resolve(),
      nodes: from?.nodes ?? [],
      undone: undefined,
      state: from?.state,
      rate: () => spec.rate,
      turn: () => Promise.resolve(),
      checkpoint(nodes, state) {
        const next = { nodes, state }
        if (!isKept(next, kept)) return Promise.reject(killed)
        kept = structuredClone(next) // as in a log: what is counted later is not in it
        return Promise.resolve()
      },
    })
    .catch((error: unknown) => {
      if (error !== killed) throw error
      return undefined
    })
  return { ending, kept: kept! }
}

it.each(['skip', 'replace'])(
  'keeps its limit when its process is killed (conflict: %s)',
  async (conflict) => {
    const spec = kind.spec.parse({
      source: { type: 'redis', name: 'old' },
      rate: { keysPerSecond: 100 },
      limits: { keys: LIMIT },
      conflict,
    })
    // The second checkpoint that would tell of keys is never made.
    const first = await run(spec, undefined, ({ nodes }, last) => {
      const before = countOf(last?.nodes ?? [], 'written')
      return before === 0 || countOf(nodes, 'written') === before
    })
    expect(first.ending).toBeUndefined()
    const told = countOf(first.kept.nodes, 'written')
    const there = (await contentOf(servers[1]!.nodes)).size
    expect(there).toBeGreaterThan(told)

    const { ending, kept } = await run({ ...spec, rate: {} }, first.kept)
    const [written, maybe] = ['written', 'maybeWritten'].map((name) => countOf(kept.nodes, name)) as [
      number,
      number,
    ]
    const { size } = await contentOf(servers[1]!.nodes)
    expect(size).toBeLessThanOrEqual(LIMIT)
    expect(written).toBeLessThanOrEqual(size)
    expect(written + maybe).toBeGreaterThanOrEqual(size)
    expect(written + maybe).toBe(LIMIT)
    expect(ending).toMatchObject({ state: 'needs-attention' })
    expect(ending!.summary).toMatch(
      /^the limit is used up with what may have been written: at least [\d,]+ keys written, at most 2,000, /,
    )
  },
)
