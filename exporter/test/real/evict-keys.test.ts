import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster as Client } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { until } from '../../../stack/src/until.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { evictKeysSpec, type ShardEviction } from '../../src/contract/kinds/evict-keys.js'
import { countNode } from '../../src/operations/kinds/evict-keys/count.js'
import { criteriaOf } from '../../src/operations/kinds/evict-keys/criteria.js'
import { primariesOf } from '../../src/operations/nodes/primaries.js'
import type { Cluster } from '../../src/redis/cluster.js'
import { MemoryLog } from '../memory-log.js'
import { EvictBench } from '../evict-keys.js'
import { by, clusterOf, contentOf, fill, flush, send, type Command } from '../warmup.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-evict-'))
const SERVERS = {
  'Redis 7.0': 'redis-server',
  'Redis 8': 'redis8-server',
  'Valkey 9': 'valkey9-server',
} as const
const clusters = new Map<string, RedisCluster>()
const opened: Cluster[] = []
const benches: EvictBench[] = []

beforeAll(async () => {
  const ports = await freePorts(9, { bus: true })
  await Promise.all(
    Object.entries(SERVERS).map(async ([name, server], i) => {
      const own = ports.slice(i * 3, i * 3 + 3)
      clusters.set(name, await startCluster({ ports: own, replicas: 0, dir, server }))
    }),
  )
})
afterAll(async () => {
  for (const cluster of opened) cluster.close()
  await Promise.all([...clusters.values()].map((one) => one.stop()))
  rmSync(dir, { recursive: true, force: true })
})
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.engine.stop()
})

const nodesOf = (name: string) => clusters.get(name)!.nodes
const open = async (name: string, options?: Parameters<typeof EvictBench.open>[1]) => {
  const cluster = clusterOf('demo', nodesOf(name)[0]!)
  opened.push(cluster)
  const bench = await EvictBench.open(cluster, options)
  benches.push(bench)
  return bench
}
const keysOf = async (name: string) =>
  [...(await contentOf(nodesOf(name))).keys()].map((hex) => Buffer.from(hex, 'hex').toString('latin1')).sort()
const everywhere = (name: string, ...command: string[]) =>
  Promise.all(nodesOf(name).map((node) => node.cli(...command)))

async function withClient<T>(name: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(nodesOf(name).map(({ port }) => ({ host: '127.0.0.1', port })))
  try {
    return await use(client)
  } finally {
    client.disconnect()
  }
}

/** Keys that look as if nobody had touched them for an hour. */
const idleKeys = (name: string, count: number) =>
  withClient(name, async (client) => {
    await client.set('model', 'v')
    const payload = await client.dumpBuffer('model')
    await client.del('model')
    for (let i = 0; i < count; i++) await client.restore(`idle:${i}`, 0, payload, 'IDLETIME', 3600)
  })

/** Reads every one of so many keys; those that were there. */
const touch = (name: string, count: number) =>
  withClient(name, async (client) => {
    const keys = Array.from({ length: count }, (_, i) => `idle:${i}`)
    const values = await Promise.all(keys.map((key) => client.get(key)))
    return keys.filter((_, i) => values[i] !== null)
  })

const binary = (name: string) => Buffer.concat([Buffer.from(name), Buffer.from([0, 255, 13, 10, 36, 128])])
/** Keys of every type below `s:`, some binary, some with a TTL, some large; others that no pattern names. */
const COMMANDS: Command[] = [
  ['SET', 's:string', 'v'],
  ['SET', binary('s:'), 'v'],
  ['SET', 's:soon', 'v', 'EX', 60],
  ['SET', 's:late', 'v', 'EX', 100_000],
  ['SET', 's:large', 'v'.repeat(100_000)],
  ['HSET', 's:hash', 'f', 'v'],
  ['RPUSH', 's:list', 'a', 'b'],
  ['XADD', 's:stream', '1-1', 'f', 'v'],
  ['SET', 'other', 'v'],
  ['SET', binary('other'), 'v'],
  ['SET', 'xs:1', 'v'],
  ['SET', 'S:1', 'v'],
]
const OTHERS = ['S:1', 'other', binary('other').toString('latin1'), 'xs:1'].sort()

describe.each(Object.keys(SERVERS))('on %s', (name) => {
  beforeEach(async () => {
    await flush(nodesOf(name))
    await everywhere(name, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    await send(nodesOf(name), COMMANDS)
  })

  it('unlinks what matches, of every type and name, and nothing else', async () => {
    const bench = await open(name)
    const { plan, operation } = await bench.evict({ match: 's:*', rate: {} }, { override: ['share-of-keys'] })
    expect(plan).toMatchObject({
      counts: { keys: 8, nodes: 3, total: 12 },
      details: { exact: true, withoutTtl: 6, types: { string: 5, hash: 1, list: 1, stream: 1 } },
    })
    expect(plan.counts!.bytes).toBeGreaterThan(100_000)
    expect(plan.sample).toContainEqual(
      expect.objectContaining({ key: 's:\\x00\\xff\\x0d\\x0a$\\x80', type: 'string', ttlSeconds: null }),
    )
    expect(operation).toMatchObject({
      state: 'succeeded',
      counts: { evicted: 8, bytes: plan.counts!.bytes, kept: 0 },
      comparison: { checked: 4, same: 4, missing: 0 },
      before: { keys: 12 },
      after: { keys: 4, matching: 0 },
      gates: [],
    })
    expect(await keysOf(name)).toEqual(OTHERS)
  })

  it.each([
    ['types', { types: ['hash', 'stream'] }, ['s:hash', 's:stream']],
    ['a short TTL', { ttlUnder: '1h' }, ['s:soon']],
    ['size', { sizeOver: '50kb' }, ['s:large']],
    ['type and no TTL', { types: ['string'], noTtl: true, sizeOver: 1000 }, ['s:large']],
  ])('by %s', async (_, criteria, gone) => {
    const bench = await open(name)
    const all = await keysOf(name)
    const { plan, operation } = await bench.evict({ match: 's:*', ...criteria })
    expect(plan.counts).toMatchObject({ keys: gone.length })
    expect(operation).toMatchObject({
      state: 'succeeded',
      counts: { evicted: gone.length, kept: 8 - gone.length },
    })
    expect(operation.comparison).toMatchObject({ checked: 12 - gone.length, missing: 0 })
    expect(await keysOf(name)).toEqual(all.filter((key) => !gone.includes(key)))
  })

  it('by frequency under LFU, where idle times are refused; and the other way round', async () => {
    const bench = await open(name)
    const refused = await bench.plan({ match: 's:*', freqUnder: 5 })
    expect(refused.refused).toHaveLength(3)
    expect(refused.refused![0]!.reason).toBe(
      'freqUnder: under maxmemory-policy allkeys-lru a node counts no frequencies',
    )
    await everywhere(name, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
    await everywhere(name, 'CONFIG', 'SET', 'lfu-log-factor', '0')
    await send(nodesOf(name), [
      ['XADD', 's:stream', '2-1', 'f', 'v'],
      ...Array.from({ length: 40 }, (): Command => ['GET', 's:string']),
    ])
    const idle = await bench.plan({ match: 's:*', idleOver: 5 })
    expect(idle.refused![0]!.reason).toBe(
      'idleOver: under maxmemory-policy allkeys-lfu a node keeps no idle times',
    )
    const { operation } = await bench.evict({ match: 's:s*', freqUnder: 20, types: ['string', 'stream'] })
    expect(operation).toMatchObject({ state: 'succeeded', counts: { evicted: 2, kept: 1 } })
    const left = await keysOf(name)
    expect(left).toContain('s:string')
    expect(left).not.toContain('s:stream')
  })

  it('leaves alone what somebody touches while it runs', async () => {
    await flush(nodesOf(name))
    await idleKeys(name, 3000)
    const bench = await open(name)
    const plan = await bench.plan({ match: 'idle:*', idleOver: '30m', rate: { keysPerSecond: 20 } })
    expect(plan.counts).toMatchObject({ keys: 3000 })
    const id = await bench.start(plan, { override: ['share-of-keys'] })
    await bench.when(id, ({ counts }) => (counts?.evicted ?? 0) > 0, 'the first keys')
    // What is there when it is touched has to stay; it is slow until then.
    const touched = await touch(name, 1000)
    expect(touched.length).toBeGreaterThan(0)
    await bench.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
    const operation = await bench.end(id)
    expect(operation).toMatchObject({
      state: 'succeeded',
      comparison: { missing: 0 },
      after: { matching: 0 },
    })
    expect(await keysOf(name)).toEqual(touched.sort())
    expect(operation.counts!.evicted).toBe(3000 - touched.length)
  })

  it('counts as missed only what matched when the run began, not what came to match by waiting', async () => {
    await flush(nodesOf(name))
    await withClient(name, async (client) => {
      await client.set('model', 'v')
      const payload = await client.dumpBuffer('model')
      await client.del('model')
      const keys = { missed: [0, 300], aged: [0, 110], soon: [100_000, 300], sooner: [150_000, 300] } as const
      for (const [key, [ttl, idle]] of Object.entries(keys))
        await client.restore(key, ttl, payload, 'IDLETIME', idle)
    })
    const { cluster } = await open(name)
    const counted = async (criteria: object) => {
      const options = {
        criteria: criteriaOf(evictKeysSpec.parse({ match: '*', all: true, ...criteria })),
        name: 'test',
      }
      const began = Date.now() - 80_000
      const counts = await Promise.all(
        primariesOf(cluster).map((node) => countNode(cluster, node, { ...options, untouchedSince: began })),
      )
      const sum = (of: 'keys' | 'untouched') => counts.reduce((total, count) => total + count[of], 0)
      return { matching: sum('keys'), missed: sum('untouched') }
    }
    expect(await counted({ idleOver: 60 })).toEqual({ matching: 4, missed: 3 })
    expect(await counted({ idleOver: 60, ttlUnder: 200 })).toEqual({ matching: 2, missed: 1 })
  })

  it('touches only keys below the prefixes of the token', async () => {
    await send(nodesOf(name), [
      ['SET', 's:a:1', 'v'],
      ['SET', 's:a:\u00e9', 'v'],
      ['SET', 's:b:1', 'v'],
    ])
    const all = await keysOf(name)
    const bench = await open(name)
    const { plan, operation } = await bench.evict({ match: '*', all: true }, { keyPrefixes: ['s:a:'] })
    expect(plan.counts).toMatchObject({ keys: 2, total: 15 })
    expect(operation).toMatchObject({ state: 'succeeded', counts: { evicted: 2 } })
    expect(await keysOf(name)).toEqual(all.filter((key) => !key.startsWith('s:a:')))
  })
})

describe('a plan', () => {
  const name = 'Redis 7.0'
  beforeEach(() => flush(nodesOf(name)))

  it('estimates from a sample, with bounds in which the count lies, and looks at each key when told', async () => {
    await fill(nodesOf(name), 30_000, 100, 'a')
    await fill(nodesOf(name), 10_000, 100, 'b')
    const bench = await open(name)
    const sampled = await bench.plan({ match: 'b:*' })
    const full = await bench.plan({ match: 'b:*', count: 'full' })
    expect(full).toMatchObject({
      counts: { keys: 10_000, total: 40_000 },
      details: { exact: true, share: 0.25, keys: { value: 10_000, low: 10_000, high: 10_000 } },
      estimateSeconds: 1,
      warnings: [
        '25 % of all keys of the cluster go',
        '10,000 of the keys have no TTL: they may be data that nothing brings back',
      ],
    })
    expect(full.sample).toHaveLength(20)
    const { exact, keys, shards } = sampled.details as {
      exact: boolean
      keys: { low: number; high: number }
      shards: ShardEviction[]
    }
    expect(exact).toBe(false)
    expect(shards.map(({ looked }) => looked > 1000 && looked < 5000)).toEqual([true, true, true])
    // Four times as far as 95 % lie: one in fifteen thousand.
    expect(Math.abs(sampled.counts!.keys! - 10_000)).toBeLessThan(2 * (keys.high - keys.low))
    expect((await keysOf(name)).length).toBe(40_000)
  })

  it('says how many keys it has looked at, and looks at no more of them when it is cancelled', async () => {
    await fill(nodesOf(name), 30_000)
    await everywhere(name, 'CONFIG', 'RESETSTAT')
    const log = new (class extends MemoryLog {
      told: number[] = []
      onProgress?: (id: string) => void
      override async append(...args: Parameters<MemoryLog['append']>) {
        const events = await super.append(...args)
        const progress = events.find(({ type }) => type === 'io.slotwise.plan.progressed')
        if (progress) {
          this.told.push((progress.data as { done: number }).done)
          this.onProgress?.(progress.subject.slice('operation/'.length))
        }
        return events
      }
    })()
    const bench = await open(name, { log })
    const spec = { match: 'k:*', count: 'full' }
    expect(await bench.plan(spec)).toMatchObject({ state: 'ready', counts: { keys: 30_000 } })
    expect(log.told.length).toBeGreaterThan(1)
    expect(log.told).toEqual(log.told.toSorted((a, b) => a - b))
    expect(log.told.at(-1)).toBeLessThanOrEqual(30_000)

    const pages = async () => {
      const stats = (await everywhere(name, 'INFO', 'commandstats')).join('\n')
      return [...stats.matchAll(/cmdstat_evalsha:calls=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0)
    }
    const whole = await pages()
    await everywhere(name, 'CONFIG', 'RESETSTAT')
    let cancelled: Promise<unknown> | undefined
    log.onProgress = (id) => {
      cancelled ??= bench.engine.cancelPlan(id, by, 'too long')
    }
    const plan = await bench.plan(spec)
    expect(plan).toMatchObject({
      state: 'refused',
      refused: [{ reason: 'cancelled by tester: too long' }],
    })
    await cancelled
    await until(
      async () => {
        const clients = (await everywhere(name, 'CLIENT', 'LIST')).join('\n')
        return !clients.includes(`slotwise/${plan.id}/plan`)
      },
      { timeoutMs: 20_000, what: 'the plan to let go of the nodes' },
    )
    expect(await pages()).toBeLessThan(whole / 2)
  })

  it('has to be overridden where most keys would go, or where use has not settled', async () => {
    await fill(nodesOf(name), 100)
    const bench = await open(name, { switchedAt: () => Date.now() - 60_000 })
    const checks = async (spec: object) => (await bench.plan(spec)).blockers?.map(({ check }) => check)
    expect(await checks({ match: 'k:*', idleOver: 30 })).toBeUndefined()
    expect(await checks({ match: 'k:*', idleOver: '1h' })).toEqual(['settling'])
    await everywhere(name, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')
    expect(await checks({ match: 'k:*', freqUnder: 200 })).toEqual(['share-of-keys', 'settling'])
    await everywhere(name, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
  })
})
