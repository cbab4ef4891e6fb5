import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { infoField, startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import type { Operation } from '../../src/contract/operations.js'
import type { Cluster } from '../../src/redis/cluster.js'
import { slotOf } from '../../src/redis/slots.js'
import { MemoryLog } from '../memory-log.js'
import { moveSlot } from '../move-slot.js'
import { allKinds, by, clusterOf, contentOf, differences, fill, flush, send, WarmupBench } from '../warmup.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-warmup-faults-'))

let old: RedisCluster
let fresh: RedisCluster
const opened: Cluster[] = []

const named = (name: string, node: RedisNode) => {
  const cluster = clusterOf(name, node)
  opened.push(cluster)
  return cluster
}
const bench = (log = new MemoryLog()) =>
  WarmupBench.open(named('demo', fresh.nodes[0]!), named('old', old.nodes[0]!), '', log)
const isIdentical = async () =>
  expect(differences(await contentOf(old.nodes), await contentOf(fresh.nodes))).toEqual([])
const written = (operation: Operation) => operation.counts?.written ?? 0

beforeAll(async () => {
  const ports = await freePorts(12, { bus: true })
  const config = { 'enable-debug-command': 'yes' }
  ;[old, fresh] = await Promise.all([
    startCluster({ ports: ports.splice(0, 6), dir, config }),
    startCluster({ ports: ports.splice(0, 6), dir, config }),
  ])
})
afterAll(async () => {
  for (const cluster of opened) cluster.close()
  await Promise.all([old.stop(), fresh.stop()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  await flush([...old.nodes, ...fresh.nodes])
  await send(old.nodes, allKinds())
})

describe('a run', () => {
  it('keeps to its rate, takes another, pauses, and goes on', async () => {
    await fill(old.nodes, 8000)
    const control = await bench()
    const id = await control.start(await control.plan({ rate: { keysPerSecond: 200 } }))
    await control.when(id, (operation) => written(operation) > 0, 'the first keys')
    await control.engine.pause(id, by, 'hold')
    // What was sent when it was paused may still arrive; after that nothing does.
    const size = async () => (await contentOf(fresh.nodes)).size
    let last = -1
    const held = await until(async () => last === (last = await size()) && last, {
      timeoutMs: 40_000,
      what: 'it to stand still',
    })
    expect(held).toBeLessThan(8000)
    await control.engine.resume(id, by, 'go')
    await control.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
    expect(await control.end(id)).toMatchObject({
      state: 'succeeded',
      comparison: { different: 0, missing: 0 },
    })
    await isIdentical()
    await control.engine.stop()
  })

  it('ends where it is when it is cancelled, and undoes nothing', async () => {
    await fill(old.nodes, 8000)
    const control = await bench()
    const id = await control.start(await control.plan({ rate: { keysPerSecond: 200 } }))
    await control.when(id, (operation) => written(operation) > 100, 'some keys')
    await control.engine.cancel(id, by, 'enough')
    const operation = await control.end(id)
    expect(operation.state).toBe('cancelled')
    expect(written(operation)).toBe((await contentOf(fresh.nodes)).size)
    expect(operation.summary).toBe(
      `cancelled: ${written(operation).toLocaleString('en-US')} keys written, 0 were there already; nothing is undone`,
    )
    await control.engine.stop()
  })

  it('ends after as many keys as it may write', async () => {
    const control = await bench()
    const { operation } = await control.copy({ limits: { keys: 42 } })
    expect(operation).toMatchObject({
      state: 'succeeded',
      counts: { written: 42 },
      comparison: { different: 0 },
    })
    expect((await contentOf(fresh.nodes)).size).toBe(42)
    await control.engine.stop()
  })

  it('goes on from its checkpoint in another process, and counts no key twice', async () => {
    await fill(old.nodes, 8000)
    const log = new MemoryLog()
    const first = await bench(log)
    const id = await first.start(await first.plan({ rate: { keysPerSecond: 300 } }))
    await first.when(id, (operation) => written(operation) > 300, 'some keys')
    await first.engine.stop()
    const second = await bench(log)
    await second.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
    const operation = await second.end(id)
    expect(operation).toMatchObject({ state: 'succeeded', comparison: { different: 0, missing: 0 } })
    await isIdentical()
    const { read, written: wrote, existing } = operation.counts!
    expect(read).toBe((await contentOf(old.nodes)).size)
    expect(wrote! + existing!).toBe(read)
    await second.engine.stop()
  })
})

describe('a target that runs full', () => {
  it('makes the run wait, has nothing evicted, and is filled when it has room', async () => {
    await fill(old.nodes, 9000, 1000)
    const limits = async (bytes: (used: number) => number) => {
      for (const node of fresh.nodes)
        await node.cli(
          'CONFIG',
          'SET',
          'maxmemory',
          String(bytes(Number(infoField(await node.cli('INFO', 'memory'), 'used_memory')))),
          'maxmemory-policy',
          'allkeys-lru',
        )
    }
    const evicted = async () => {
      const info = await Promise.all(fresh.nodes.map((node) => node.cli('INFO', 'stats')))
      return info.map((text) => infoField(text, 'evicted_keys'))
    }
    await limits((used) => used + 2_000_000)
    try {
      const control = await bench()
      const plan = await control.plan({ rate: {} })
      expect(plan.blockers!.map(({ check, reason }) => `${check}: ${reason}`).join()).toMatch(
        /^fits: .* the run would wait for room there/,
      )
      expect((plan.details!.shards as { fits: boolean }[]).every(({ fits }) => !fits)).toBe(true)
      const id = await control.start(plan)
      const waiting = await control.when(id, ({ gates }) => gates.length > 0, 'a gate')
      expect(waiting).toMatchObject({ state: 'paused' })
      expect(waiting.gates[0]).toMatch(
        /^127\.0\.0\.1:\d+: [\d,]+ of [\d,]+ bytes are used \(\d+ %\), which leaves no room/,
      )
      expect(await evicted()).toEqual(fresh.nodes.map(() => '0'))
      await limits(() => 0)
      expect(await control.end(id)).toMatchObject({ state: 'succeeded', gates: [] })
      expect(await evicted()).toEqual(fresh.nodes.map(() => '0'))
      await isIdentical()
      await control.engine.stop()
    } finally {
      await limits(() => 0)
    }
  })
})

describe('a cluster that changes under a run', () => {
  it('is copied whole when a slot moves at the source meanwhile', async () => {
    await fill(old.nodes, 4000)
    // Many keys in one slot, so that something is lost when it is missed.
    await send(
      old.nodes,
      Array.from({ length: 3000 }, (_, i) => ['SET', `{move}:${i}`, String(i)]),
    )
    const slot = slotOf(Buffer.from('move'))
    const [from, to] = [
      old.nodes.find((_, i) => i === Math.floor((slot * 3) / 16_384))!,
      old.nodes.find((_, i) => i !== Math.floor((slot * 3) / 16_384))!,
    ]
    const control = await bench()
    const id = await control.start(await control.plan({ rate: { keysPerSecond: 200 } }))
    await control.when(id, (operation) => written(operation) > 0, 'the first keys')
    await moveSlot(slot, from, to, old.nodes.slice(0, 3))
    await control.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
    expect(await control.end(id)).toMatchObject({
      state: 'succeeded',
      comparison: { different: 0, missing: 0 },
    })
    await isIdentical()
    await moveSlot(slot, to, from, old.nodes.slice(0, 3))
    await control.engine.stop()
  })

  it('counts no key twice when a slot has moved while nobody ran it', async () => {
    // From the first node: the pass over it goes on before the one over its new node begins.
    const tag = ['a', 'b', 'c', 'd', 'e', 'f'].find((name) => slotOf(Buffer.from(name)) < 5000)!
    const slot = slotOf(Buffer.from(tag))
    await send(
      old.nodes,
      Array.from({ length: 3000 }, (_, i) => ['SET', `{${tag}}:${i}`, String(i)]),
    )
    const [from, to] = [old.nodes[0]!, old.nodes[1]!]
    const log = new MemoryLog()
    const first = await bench(log)
    const id = await first.start(await first.plan({ rate: { keysPerSecond: 400 } }))
    await first.when(id, (operation) => written(operation) > 400, 'some of its keys')
    await first.engine.stop()
    await moveSlot(slot, from, to, old.nodes.slice(0, 3))
    const second = await bench(log)
    await second.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
    const { counts } = await second.end(id)
    const { size } = await contentOf(old.nodes)
    expect(counts!.written! + counts!.existing!).toBeLessThanOrEqual(size)
    expect(counts!.written! + (counts!.maybeWritten ?? 0)).toBeGreaterThanOrEqual(size)
    await isIdentical()
    await moveSlot(slot, to, from, old.nodes.slice(0, 3))
    await second.engine.stop()
  })

  it('waits for the new primary when one of the target fails, and loses nothing', async () => {
    await fill(old.nodes, 8000)
    const control = await bench()
    const id = await control.start(await control.plan({ rate: { keysPerSecond: 200 } }))
    await control.when(id, (operation) => written(operation) > 100, 'some keys')
    const failing = fresh.nodes[1]!
    await failing.stop('SIGKILL')
    const waiting = await control.when(id, ({ gates }) => gates.length > 0, 'a gate')
    expect(waiting.gates.join()).toContain('the target does not take everything')
    await control.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
    const operation = await control.end(id)
    expect(operation).toMatchObject({ state: 'succeeded', comparison: { different: 0, missing: 0 } })
    await isIdentical()
    await failing.start()
    await control.engine.stop()
  })

  it.each([
    ['is read', true],
    ['has a replica that is read', false],
  ])(
    'is copied whole, and no key counts twice, when a primary of the source is killed that %s',
    async (_, itself) => {
      await fill(old.nodes, 6000)
      const says = (text: string) => (node: RedisNode) => async () =>
        (await node.cli('INFO', 'replication')).includes(text)
      const pair = [old.nodes[1]!, old.nodes[4]!]
      if (!(await says('role:master')(pair[0]!)())) pair.reverse()
      const [failing, replica] = pair as [RedisNode, RedisNode]
      const follows = says('master_link_status:up')
      const control = await bench()
      if (itself) {
        replica.signal('SIGSTOP')
        const isMissed = async () =>
          new RegExp(`:${replica.port}@.* slave,fail `).test(await failing.cli('CLUSTER', 'NODES'))
        await until(isMissed, { timeoutMs: 60_000, what: 'the replica to be missed' })
      }
      const id = await control.start(await control.plan({ rate: { keysPerSecond: 200 } }))
      const isRead = ({ nodes }: Operation, { address }: RedisNode) =>
        nodes.some(({ node, counts }) => node === address && (counts?.read ?? 0) > 0)
      const begun = (operation: Operation) => pair.some((node) => isRead(operation, node))
      expect(isRead(await control.when(id, begun, 'some of its keys'), failing)).toBe(itself)
      replica.signal('SIGCONT')
      await until(follows(replica), { timeoutMs: 60_000, what: 'the replica to follow' })
      const { size } = await contentOf(old.nodes)
      await failing.stop('SIGKILL')
      await control.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
      const operation = await control.end(id)
      expect(operation).toMatchObject({ state: 'succeeded', comparison: { different: 0, missing: 0 } })
      await isIdentical()
      expect(operation.counts).toMatchObject({ read: size, written: size, existing: 0 })
      await control.engine.stop()
      await failing.start()
      await until(follows(failing), { timeoutMs: 60_000, what: 'it to be a replica' })
    },
  )
})
