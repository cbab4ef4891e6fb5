import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { infoField, startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import type { Cluster } from '../../src/redis/cluster.js'
import { MemoryLog } from '../memory-log.js'
import { by, clusterOf, contentOf, fill, flush, WarmupBench } from '../warmup.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-warmup-waits-'))
const files = join(dir, 'files')

let target: RedisCluster
let single: RedisNode
const opened: Cluster[] = []

const named = (name: string, node: RedisNode) => {
  const cluster = clusterOf(name, node)
  opened.push(cluster)
  return cluster
}
const bench = (log = new MemoryLog()) =>
  WarmupBench.open(named('demo', target.nodes[0]!), named('old', single), files, log)

beforeAll(async () => {
  const ports = await freePorts(4, { bus: true })
  ;[target, single] = await Promise.all([
    startCluster({ ports: ports.slice(0, 3), replicas: 0, dir, server: 'redis8-server' }),
    startNode({ port: ports[3]!, dir, server: 'redis8-server' }),
  ])
  mkdirSync(files)
})
afterAll(async () => {
  for (const cluster of opened) cluster.close()
  await Promise.all([target.stop(), single.stop()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => flush([...target.nodes, single]))

describe('a run that has to wait', () => {
  it('says so once, and leaves no connection behind when it is cancelled', async () => {
    await fill([single], 9000, 1000)
    const maxmemory = async (extra: number | undefined) => {
      for (const node of target.nodes) {
        const used = Number(infoField(await node.cli('INFO', 'memory'), 'used_memory'))
        await node.cli('CONFIG', 'SET', 'maxmemory', String(extra === undefined ? 0 : used + extra))
      }
    }
    await maxmemory(1_000_000)
    try {
      const log = new MemoryLog()
      const control = await bench(log)
      const id = await control.start(await control.plan({ rate: {}, limits: { memoryShare: 0.99 } }))
      await control.when(id, ({ gates }) => gates.length > 0, 'a gate')
      // What was on its way has come to an end when two looks in a row find the same number of events.
      let last = -1
      const rows = () => log.rows.filter(({ stream }) => stream === `operation/${id}`).length
      const quiet = () => last === (last = rows())
      await until(quiet, { timeoutMs: 40_000, intervalMs: 2500, what: 'nothing more to be recorded' })
      await control.engine.cancel(id, by, 'enough')
      expect(await control.end(id)).toMatchObject({ state: 'cancelled' })
      const clients = await single.cli('CLIENT', 'LIST')
      expect(clients.split('\n').filter((line) => line.includes(id))).toEqual([])
      await control.engine.stop()
    } finally {
      await maxmemory(undefined)
    }
  })

  it('waits for its source after a restart', async () => {
    await fill([single], 3000)
    const log = new MemoryLog()
    const first = await bench(log)
    const id = await first.start(await first.plan({ rate: { keysPerSecond: 150 } }))
    await first.when(id, ({ counts }) => (counts?.written ?? 0) > 100, 'some keys')
    await first.engine.stop()
    await single.stop('SIGKILL')
    const second = await bench(log)
    const waiting = await second.when(id, ({ gates }) => gates.length > 0, 'a gate')
    expect(waiting.gates.join()).toContain('the source cannot be read yet: ')
    expect(waiting.gates.join()).toContain('connection refused')
    await single.start()
    await fill([single], 3000)
    await second.engine.setRate(id, by, { keysPerSecond: 1_000_000 })
    expect(await second.end(id)).toMatchObject({ state: 'succeeded', gates: [] })
    expect((await contentOf(target.nodes)).size).toBe(3000)
    await second.engine.stop()
  })
})

it('holds few of the values in memory, however large they are and however fast it may go', async () => {
  const script = `local v = string.rep('0123456789', 200000)
    for i = ARGV[1], ARGV[1] + 24 do redis.call('SET', 'k' .. math.floor(i), v) end`
  for (let i = 0; i < 150; i += 25) await single.cli('EVAL', script, '0', String(i))
  const control = await bench()
  let most = 0
  const watch = () => (most = Math.max(most, process.memoryUsage().arrayBuffers))
  const id = await control.start(await control.plan({ rate: {}, verify: { sample: 20 } }))
  await control.when(id, ({ endedAt }) => watch() > 0 && endedAt !== undefined, 'the end')
  expect(control.engine.getOperation(id)).toMatchObject({ state: 'succeeded', counts: { written: 150 } })
  expect(most).toBeLessThan(200_000_000) // of 300,000,000
  await control.engine.stop()
})

it('can be cancelled, and takes another rate, while it compares', async () => {
  await fill([single], 300, 10_000)
  const control = await bench()
  const plan = await control.plan({ rate: { bytesPerSecond: 500_000 } })
  const id = await control.start(plan)
  await control.when(id, ({ state }) => state === 'verifying', 'the comparison')
  await control.engine.setRate(id, by, { bytesPerSecond: 300_000 })
  await control.engine.cancel(id, by, 'enough')
  const end = await control.end(id)
  expect(end).toMatchObject({ state: 'cancelled', counts: { written: 300 } })
  await control.engine.stop()
})

it('warns of keys in other databases, which it does not copy', async () => {
  await single.cli('-n', '3', 'SET', 'k', 'v')
  const control = await bench()
  expect((await control.plan({})).warnings!.join()).toContain('only database 0 is copied')
  await control.engine.stop()
})

describe('a file in which keys come more than once', () => {
  const twice = Array.from({ length: 9000 }, (_, i) => ({
    key: `k${i % 4500}`,
    type: i % 2 ? 'string' : 'list',
    value: i % 2 ? `${i}` : [`${i}`],
  }))
  const text = [...twice, { key: 'k0', type: 'set', value: ['last'] }]
    .map((line) => JSON.stringify(line))
    .join('\n')

  it.each(['skip', 'replace'] as const)('is copied in the order of its lines (%s)', async (conflict) => {
    writeFileSync(join(files, 'twice.jsonl'), text)
    const control = await bench()
    const source = { type: 'file', path: 'twice.jsonl' }
    const { operation } = await control.copy({ source, conflict, rate: {} })
    expect(operation).toMatchObject({ state: 'succeeded', comparison: { different: 0, missing: 0 } })
    const first = conflict === 'skip'
    const content = await contentOf(target.nodes)
    const value = (key: string) => content.get(Buffer.from(key).toString('hex'))?.value
    expect(content.size).toBe(4500)
    expect(value('k7')).toBe(Buffer.from(first ? '7' : '4507').toString('hex'))
    expect(value('k4499')).toBe(Buffer.from(first ? '4499' : '8999').toString('hex'))
    expect(value('k0')).toBe(
      first ? `[${Buffer.from('0').toString('hex')}]` : Buffer.from('last').toString('hex'),
    )
    await control.engine.stop()
  })
})
