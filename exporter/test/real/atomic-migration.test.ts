import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import type { Operation } from '../../src/contract/operations.js'
import { slotOf } from '../../src/redis/slots.js'
import { beginMigration, type Migration } from '../atomic-migration.js'
import { EvictBench } from '../evict-keys.js'
import { by, clusterOf, contentOf, differences, fill, flush, send, WarmupBench } from '../warmup.js'

/** Slots that go over to another node as Valkey 9 moves them: all keys at once, with those of the old node still there. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-atomic-'))
const FAST = { keysPerSecond: 10_000_000 }
const SLOW = { keysPerSecond: 100 }
const SLOWEST = { keysPerSecond: 20 }
/** Slots that another node has for a while. */
const MIDDLE = [2000, 3000] as const
type Slots = readonly [from: number, to: number]
let old: RedisCluster
let fresh: RedisCluster
const ends: (() => unknown)[] = []

beforeAll(async () => {
  const ports = await freePorts(9, { bus: true })
  const shared = { dir, server: 'valkey9-server', config: { 'enable-debug-command': 'yes' } } as const
  ;[old, fresh] = await Promise.all([
    startCluster({ ports: ports.slice(0, 6), ...shared }),
    startCluster({ ports: ports.slice(6), replicas: 0, ...shared }),
  ])
})
afterAll(async () => {
  await Promise.all([old.stop(), fresh.stop()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => flush([...old.nodes, ...fresh.nodes]))
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const named = (name: string, { nodes }: RedisCluster) => {
  const cluster = clusterOf(name, nodes[0]!)
  ends.push(() => cluster.close())
  return cluster
}
async function evict(): Promise<EvictBench> {
  const bench = await EvictBench.open(named('demo', old))
  ends.unshift(() => bench.engine.stop())
  return bench
}
async function warm(): Promise<WarmupBench> {
  const bench = await WarmupBench.open(named('demo', fresh), named('old', old))
  ends.unshift(() => bench.engine.stop())
  return bench
}

/** A migration back and forth, so that each test finds the slots where they were. */
async function migrating(cluster: RedisCluster, slots: Slots): Promise<Migration> {
  ends.push(() => back(cluster, slots))
  return away(cluster, slots)
}
const away = ({ nodes }: RedisCluster, slots: Slots) =>
  beginMigration(slots, nodes[0]!, nodes[1]!, nodes.slice(0, 3))
const back = async ({ nodes }: RedisCluster, slots: Slots) =>
  (await beginMigration(slots, nodes[1]!, nodes[0]!, nodes.slice(0, 3))).finish()
/** A word that stands for a slot of this range: keys with it in braces are there. */
const tagIn = ([from, to]: Slots) =>
  Array.from({ length: 16_384 }, (_, i) => `t${i}`).find((tag) => {
    const slot = slotOf(Buffer.from(tag))
    return from <= slot && slot <= to
  })!
/** Keys of the first node before, in and behind the middle, in the order in which Valkey's SCAN comes by. */
async function fillInOrder(counts: readonly number[]): Promise<void> {
  for (const [i, slots] of ([[0, 1000], MIDDLE, [4000, 5000]] as const).entries())
    await fill(old.nodes, counts[i]!, 10, `k:{${tagIn(slots)}}`)
}
/** Once more than so many keys are done, changes something while the run is paused. */
async function whileHeld(
  bench: EvictBench | WarmupBench,
  id: string,
  done: number,
  change: () => Promise<void>,
): Promise<void> {
  const more = ({ counts }: Operation) => (counts?.evicted ?? counts?.written ?? 0) > done
  await bench.when(id, more, `more than ${done} keys`)
  await bench.engine.pause(id, by, 'hold')
  await change()
  await bench.engine.resume(id, by, 'go')
}
const names = async () =>
  [...(await contentOf(old.nodes)).keys()].map((hex) => Buffer.from(hex, 'hex').toString().split(':')[0])

describe('evict-keys', () => {
  beforeEach(async () => {
    await fill(old.nodes, 4000)
    await fill(old.nodes, 300, 10, 'other')
  })

  it('has no key left that matches when slots go over in the middle', async () => {
    const bench = await evict()
    const plan = await bench.plan({ match: 'k:*', rate: SLOW })
    const migration = await migrating(old, [0, 2000])
    const id = await bench.start(plan, { override: ['share-of-keys'] })
    await bench.when(id, ({ counts }) => (counts?.evicted ?? 0) > 0, 'the first keys')
    await migration.finish()
    await bench.engine.setRate(id, by, FAST)
    expect(await bench.end(id)).toMatchObject({
      state: 'succeeded',
      comparison: { missing: 0 },
      after: { matching: 0 },
      counts: { evicted: 4000 },
    })
    expect(await names()).toEqual(Array(300).fill('other'))
  })

  it('has no key left that matches when slots were away while SCAN came by', async () => {
    await flush(old.nodes)
    await fillInOrder([200, 300, 20_000])
    await send(
      old.nodes,
      Array.from({ length: 100 }, (_, i) => ['RPUSH', `list:k:{${tagIn([0, 1000])}}:${i}`, 'e']),
    )
    const bench = await evict()
    const spec = { match: '*k:*', types: ['string'], rate: SLOWEST }
    const id = await bench.start(await bench.plan(spec), { override: ['share-of-keys'] })
    await whileHeld(bench, id, 0, async () => (await away(old, MIDDLE)).finish())
    await bench.engine.setRate(id, by, { keysPerSecond: 2000 })
    // So fast that each page is done at once, and the cursor goes on.
    await whileHeld(bench, id, 1000, () => back(old, MIDDLE))
    await bench.engine.setRate(id, by, FAST)
    const operation = await bench.end(id)
    expect(await names()).toEqual(Array(100).fill('list'))
    // Its lists were looked at twice.
    expect(operation).toMatchObject({
      state: 'succeeded',
      counts: { evicted: 20_500, kept: 100 },
      after: { matching: 0 },
    })
  })

  it('has none come back with slots that are on their way all the while', async () => {
    const bench = await evict()
    const migration = await migrating(old, [0, 2000])
    const { operation } = await bench.evict({ match: 'k:*', rate: {} }, { override: ['share-of-keys'] })
    expect(operation).toMatchObject({ state: 'succeeded', counts: { evicted: 4000 } })
    await migration.finish()
    expect(await names()).toEqual(Array(300).fill('other'))
  })
})

describe('warmup', () => {
  beforeEach(() => fill(old.nodes, 4000))
  const isIdentical = async () =>
    expect(differences(await contentOf(old.nodes), await contentOf(fresh.nodes))).toEqual([])

  it.each([
    ['source', () => old],
    ['target', () => fresh],
  ])('is whole when slots of its %s go over in the middle', async (_, where) => {
    const bench = await warm()
    const plan = await bench.plan({ rate: SLOW })
    const migration = await migrating(where(), [0, 2000])
    const id = await bench.start(plan)
    await bench.when(id, ({ counts }) => (counts?.written ?? 0) > 0, 'the first keys')
    await migration.finish()
    await bench.engine.setRate(id, by, FAST)
    const operation = await bench.end(id)
    expect(operation).toMatchObject({ state: 'succeeded', comparison: { different: 0, missing: 0 } })
    const { read, written, existing } = operation.counts!
    expect(read).toBe(4000)
    expect(written! + existing!).toBe(4000)
    await isIdentical()
  })

  it('is whole when slots of its source were away while SCAN came by', async () => {
    await flush(old.nodes)
    await fillInOrder([200, 300, 5000])
    const bench = await warm()
    const id = await bench.start(await bench.plan({ rate: SLOWEST }))
    await whileHeld(bench, id, 0, async () => (await away(old, MIDDLE)).finish())
    await bench.engine.setRate(id, by, { keysPerSecond: 500 })
    await whileHeld(bench, id, 1000, () => back(old, MIDDLE))
    await bench.engine.setRate(id, by, FAST)
    expect(await bench.end(id)).toMatchObject({ state: 'succeeded', counts: { read: 5500 } })
    await isIdentical()
  })

  it('is whole when they are on their way all the while', async () => {
    const bench = await warm()
    const migrations = [await migrating(old, [0, 2000]), await migrating(fresh, [1000, 3000])]
    const { operation } = await bench.copy({ rate: {} })
    expect(operation).toMatchObject({ state: 'succeeded', counts: { written: 4000 } })
    await isIdentical()
    for (const migration of migrations) await migration.finish()
    await isIdentical()
  })
})
