import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster as Client } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { infoField, startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import type { Operation } from '../../src/contract/operations.js'
import { evictionPolicy } from '../../src/operations/kinds/eviction-policy/kind.js'
import type { Cluster } from '../../src/redis/cluster.js'
import { slotOf } from '../../src/redis/slots.js'
import { EvictBench } from '../evict-keys.js'
import { MemoryLog } from '../memory-log.js'
import { moveSlot } from '../move-slot.js'
import { by, clusterOf, contentOf, fill, flush, send, type Command } from '../warmup.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-evict-faults-'))
const override = ['share-of-keys']
const FAST = { keysPerSecond: 10_000_000 }
let redis: RedisCluster
const opened: Cluster[] = []
const benches: EvictBench[] = []

beforeAll(async () => {
  redis = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
})
afterAll(async () => {
  for (const cluster of opened) cluster.close()
  await redis.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => flush(redis.nodes))
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.engine.stop()
})

const open = async (options?: Parameters<typeof EvictBench.open>[1]) => {
  const cluster = clusterOf('demo', redis.nodes[0]!)
  opened.push(cluster)
  const bench = await EvictBench.open(cluster, options)
  benches.push(bench)
  return bench
}
const evicted = ({ counts }: Operation) => counts?.evicted ?? 0
/** How many keys there are by the beginning of their names. */
async function counted(): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const hex of (await contentOf(redis.nodes)).keys()) {
    const name = Buffer.from(hex, 'hex').toString().split(':')[0]!
    found[name] = (found[name] ?? 0) + 1
  }
  return found
}

/** Keys that look as if nobody had touched them for an hour. */
async function idleKeys(count: number): Promise<void> {
  const client = new Client(redis.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  try {
    const payload = await client.dumpBuffer('model')
    for (let i = 0; i < count; i++) await client.restore(`k:${i}`, 0, payload, 'IDLETIME', 3600)
  } finally {
    client.disconnect()
  }
}

async function setPolicy(bench: EvictBench, policy: string): Promise<void> {
  const { engine } = bench
  const { id } = await engine.plan({ cluster: 'demo', kind: 'eviction-policy', spec: { policy }, by })
  const planned = await until(
    () => (engine.getPlan(id)?.state === 'ready' ? engine.getPlan(id) : undefined),
    { timeoutMs: 20_000, what: 'the plan of the policy' },
  )
  await engine.run(id, { confirm: 'demo', hash: planned.hash!, reason: 'test', by })
  expect((await bench.end(id)).state).toBe('succeeded')
}

describe('caps', () => {
  it.each([
    ['keys', { keys: 123 }],
    ['a share', { share: 0.0205 }],
  ])('of %s are reached and not exceeded', async (_, limits) => {
    await fill(redis.nodes, 6000)
    const bench = await open()
    const { operation } = await bench.evict({ match: 'k:*', limits, rate: {} })
    expect(operation).toMatchObject({ state: 'succeeded', counts: { evicted: 123 } })
    expect(operation.summary).toMatch(/^the limit is reached: 123 keys unlinked/)
    expect(await counted()).toEqual({ k: 6000 - 123 })
  })

  it('of bytes are not exceeded, and a key that does not fit stays', async () => {
    await send(
      redis.nodes,
      Array.from({ length: 100 }, (_, i): Command => ['SET', `k:${i}`, 'v'.repeat(10_000)]),
    )
    const bench = await open()
    const { operation } = await bench.evict(
      { match: 'k:*', limits: { bytes: '200kb' }, rate: {} },
      { override },
    )
    const { evicted: keys = 0, bytes = 0 } = operation.counts!
    expect(bytes).toBeLessThanOrEqual(200 * 1024)
    expect(bytes).toBeGreaterThan(150 * 1024)
    expect(await counted()).toEqual({ k: 100 - keys })
  })

  it('hold over processes that end without a word, and what was reserved counts as used', async () => {
    await fill(redis.nodes, 6000)
    const log = new MemoryLog()
    const first = await open({ log })
    const plan = await first.plan({ match: 'k:*', limits: { keys: 1000 }, rate: { keysPerSecond: 50 } })
    const id = await first.start(plan)
    await first.when(id, (operation) => evicted(operation) > 0, 'the first keys')
    await first.engine.stop()
    const second = await open({ log })
    await second.engine.setRate(id, by, FAST)
    const operation = await second.end(id)
    expect(operation.state).toBe('succeeded')
    const gone = 6000 - (await counted()).k!
    expect(gone).toBeGreaterThan(500)
    expect(gone).toBeLessThanOrEqual(1000)
    expect(evicted(operation)).toBeLessThanOrEqual(gone)
  })
})

describe('a run', () => {
  it('pauses, goes on at another rate, and is cancelled where it is', async () => {
    await fill(redis.nodes, 6000)
    const bench = await open()
    const id = await bench.start(await bench.plan({ match: 'k:*', rate: { keysPerSecond: 100 } }), {
      override,
    })
    await bench.when(id, (operation) => evicted(operation) > 0, 'the first keys')
    await bench.engine.pause(id, by, 'hold')
    let last = -1
    const held = await until(
      async () => {
        const size = (await contentOf(redis.nodes)).size
        return last === size ? size : void (last = size)
      },
      { timeoutMs: 20_000, what: 'it to stand still', intervalMs: 300 },
    )
    expect(held).toBeLessThan(6000)
    await bench.engine.resume(id, by, 'go')
    await bench.when(id, ({ state }) => state === 'running', 'it to go on')
    await bench.engine.cancel(id, by, 'enough')
    const operation = await bench.end(id)
    expect(operation).toMatchObject({ state: 'cancelled' })
    expect(operation.summary).toMatch(/^cancelled: [\d,]+ keys unlinked \([\d,]+ bytes\); nothing is undone$/)
    expect(evicted(operation)).toBe(6000 - (await contentOf(redis.nodes)).size)
  })

  it('lets a change of the policy pass first, and stops when idle times mean nothing any more', async () => {
    await send(redis.nodes, [['SET', 'model', 'v']])
    await idleKeys(1000)
    const bench = await open({ kinds: [evictionPolicy] })
    const spec = { match: 'k:*', idleOver: '30m', rate: { keysPerSecond: 20 } }
    const id = await bench.start(await bench.plan(spec), { override })
    await bench.when(id, (operation) => evicted(operation) > 0, 'the first keys')
    await setPolicy(bench, 'allkeys-lfu')
    const operation = await bench.end(id)
    expect(operation.state).toBe('needs-attention')
    expect(operation.summary).toMatch(/switched between LRU and LFU|LFU maxmemory policy/)
    const { k = 0, model } = await counted()
    expect(k).toBeGreaterThan(0)
    expect(model).toBe(1)
    await setPolicy(bench, 'noeviction')
  })
})

describe('a cluster that changes under a run', () => {
  it('has no key left that matches when a slot moves meanwhile', async () => {
    await fill(redis.nodes, 2000)
    await fill(redis.nodes, 300, 10, 'other')
    await send(
      redis.nodes,
      Array.from({ length: 2000 }, (_, i) => ['SET', `k:{move}:${i}`, String(i)]),
    )
    const slot = slotOf(Buffer.from('move'))
    const owner = Math.floor((slot * 3) / 16_384)
    const [from, to] = [redis.nodes[owner]!, redis.nodes[(owner + 1) % 3]!]
    const bench = await open()
    const id = await bench.start(await bench.plan({ match: 'k:*', rate: { keysPerSecond: 100 } }), {
      override,
    })
    await bench.when(id, (operation) => evicted(operation) > 0, 'the first keys')
    await moveSlot(slot, from, to, redis.nodes.slice(0, 3))
    await bench.engine.setRate(id, by, FAST)
    const operation = await bench.end(id)
    expect(operation).toMatchObject({
      state: 'succeeded',
      comparison: { missing: 0 },
      after: { matching: 0 },
    })
    expect(await counted()).toEqual({ other: 300 })
    expect(evicted(operation)).toBe(4000)
    await moveSlot(slot, to, from, redis.nodes.slice(0, 3))
  })

  it('has no key left that matches when a primary is killed and its replica takes over', async () => {
    await fill(redis.nodes, 4000)
    await fill(redis.nodes, 300, 10, 'other')
    const bench = await open()
    const id = await bench.start(await bench.plan({ match: 'k:*', rate: { keysPerSecond: 100 } }), {
      override,
    })
    await bench.when(id, (operation) => evicted(operation) > 0, 'the first keys')
    const failing = redis.nodes[1]!
    await failing.stop('SIGKILL')
    await bench.when(id, ({ state }) => state === 'paused', 'a gate')
    await bench.engine.setRate(id, by, FAST)
    const operation = await bench.end(id)
    expect(operation).toMatchObject({ state: 'succeeded', after: { matching: 0 } })
    expect(await counted()).toEqual({ other: 300 })
    await failing.start()
    await until(
      async () => infoField(await failing.cli('INFO', 'replication'), 'master_link_status') === 'up',
      { timeoutMs: 60_000, what: 'it to be a replica' },
    )
  })
})
