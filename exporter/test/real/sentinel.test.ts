import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { familiesWhen, valueOf, type Families } from '../exposition.js'
import { startSentinel, type Sentinel } from '../sentinel.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-sentinel-'))
let primary: RedisNode
let replica: RedisNode
let sentinel: Sentinel
let exporter: Exporter

beforeAll(async () => {
  const [primaryPort, replicaPort, sentinelPort, port] = await freePorts(4)
  primary = await startNode({ port: primaryPort!, dir })
  replica = await startNode({ port: replicaPort!, dir, config: { replicaof: `127.0.0.1 ${primaryPort}` } })
  sentinel = await startSentinel({ port: sentinelPort!, dir, primary: primaryPort! })
  const file = join(dir, 'slotwise.yml')
  const clusters = [{ name: 'cache', sentinel: { primary: 'orders', seeds: [sentinel.address] } }]
  writeFileSync(file, stringify({ clusters }))
  exporter = await startExporter({
    port: port!,
    args: ['--config.file', file, '--discovery.interval=200ms'],
  })
})
afterAll(async () => {
  await exporter.stop()
  await sentinel.stop()
  await replica.stop()
  await primary.stop()
  rmSync(dir, { recursive: true, force: true })
})

const scrapeUntil = (what: string, condition: (families: Families) => boolean) =>
  familiesWhen(exporter, what, condition)
const upOf = (families: Families, { address }: RedisNode) =>
  valueOf(families, `redis_up{instance="${address}",redis_cluster="cache"}`)
const isA = (families: Families, { address }: RedisNode, role: string) =>
  [...(families.get('slotwise_cluster_node_info')?.samples.keys() ?? [])].some(
    (series) => series.includes(`instance="${address}"`) && series.includes(`role="${role}"`),
  )

describe('a primary that Sentinels watch', () => {
  it('is a cluster of one shard, with its replica', async () => {
    const families = await scrapeUntil(
      'both nodes to be read',
      (now) => upOf(now, primary) === 1 && upOf(now, replica) === 1 && isA(now, replica, 'replica'),
    )
    expect(isA(families, primary, 'primary')).toBe(true)
    expect(valueOf(families, 'slotwise_cluster_slots_covered{redis_cluster="cache"}')).toBe(16384)
    expect(valueOf(families, 'slotwise_cluster_shard_replicas{redis_cluster="cache",shard="orders"}')).toBe(1)
    const sd = (await exporter.get('/sd')).body
    for (const { address } of [primary, replica]) expect(sd).toContain(`redis://${address}`)
    await scrapeUntil('every check to pass', (now) =>
      [...(now.get('slotwise_cluster_health')?.samples.values() ?? [0])].every((ok) => ok === 1),
    )
  })

  it('is followed through a failover, and so is the old primary', async () => {
    await primary.stop('SIGKILL')
    const families = await scrapeUntil('the replica to be the primary', (now) => isA(now, replica, 'primary'))
    expect(valueOf(families, 'slotwise_cluster_failovers_total{redis_cluster="cache"}')).toBe(1)
    expect(upOf(families, replica)).toBe(1)
    await primary.start()
    await scrapeUntil(
      'the old primary to be a replica',
      (now) => isA(now, primary, 'replica') && upOf(now, primary) === 1,
    )
  })
})
