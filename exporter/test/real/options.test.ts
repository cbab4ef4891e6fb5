import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { parseExposition, valueOf, type ParsedFamily } from '../exposition.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-options-'))
let cluster: RedisCluster

/** Valkey 9 is what has slot statistics, and fields that no table knows. */
beforeAll(async () => {
  cluster = await startCluster({
    ports: await freePorts(2, { bus: true }),
    dir,
    server: 'valkey9-server',
    config: { 'cluster-slot-stats-enabled': 'yes' },
  })
  for (const key of ['{a}1', '{a}2', '{a}3', '{b}1', '{b}2', '{c}1'])
    await cluster.nodes[0]!.cli('SET', key, 'value')
})
afterAll(async () => {
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

async function withExporter<T>(args: string[], use: (exporter: Exporter) => Promise<T>): Promise<T> {
  const [port] = await freePorts(1)
  const exporter = await startExporter({
    port: port!,
    args: [`--redis.addr=redis://${cluster.nodes[0]!.address}`, ...args],
  })
  try {
    return await use(exporter)
  } finally {
    await exporter.stop()
  }
}
const scrape = (...args: string[]): Promise<Map<string, ParsedFamily>> =>
  withExporter(args, async (exporter) => parseExposition((await exporter.get('/metrics')).body))

describe('options for what is read, on a real node', () => {
  it('--collector.slot_stats has the slots with the most keys, with keys, CPU and bytes', async () => {
    const families = await scrape('--collector.slot_stats', '--metrics.slot-stats=2')
    const slots = await Promise.all(
      ['{a}', '{b}'].map((key) => cluster.nodes[0]!.cli('CLUSTER', 'KEYSLOT', key)),
    )
    expect([...families.get('redis_cluster_slot_key_count')!.samples]).toEqual([
      [`redis_cluster_slot_key_count{slot="${slots[0]}"}`, 3],
      [`redis_cluster_slot_key_count{slot="${slots[1]}"}`, 2],
    ])
    for (const name of ['cpu_usec_total', 'network_bytes_in_total', 'network_bytes_out_total'])
      expect(families.get(`redis_cluster_slot_${name}`)).toMatchObject({ type: 'counter' })
  })

  it('--metrics.allow and --metrics.deny say which families there are', async () => {
    const families = await scrape('--metrics.allow=redis_up,redis_memory_.*', '--metrics.deny=.*_max_bytes')
    const names = [...families.keys()].filter(
      (name) => name.startsWith('redis_') && !/exporter|target_/.test(name),
    )
    expect(names).toContain('redis_memory_used_bytes')
    expect(names).not.toContain('redis_memory_max_bytes')
    expect(names.filter((name) => name !== 'redis_up' && !name.startsWith('redis_memory_'))).toEqual([])
  })

  it('--metrics.max-series leaves out what is too much, and says how much that is', async () => {
    const families = await scrape('--metrics.max-series=3')
    const size = (name: string) => families.get(name)?.samples.size ?? 0
    expect(size('redis_commands_total')).toBe(3)
    const dropped = valueOf(families, 'slotwise_series_dropped{family="commands_total"}') ?? 0
    expect(dropped).toBeGreaterThan(0)
    expect((await scrape()).get('redis_commands_total')!.samples.size).toBeGreaterThanOrEqual(3 + dropped)
  })

  it('--metrics.unknown-fields passes through what no table knows, untyped, and nothing that one knows', async () => {
    const known = await scrape()
    const all = await scrape('--metrics.unknown-fields')
    const added = [...all].filter(([name]) => !known.has(name))
    expect(added.length).toBeGreaterThan(0)
    for (const [name, { type, samples }] of added) {
      expect([name, type]).toEqual([name, 'untyped'])
      expect(samples.size).toBe(1)
    }
    for (const [name, { type }] of known) expect([name, all.get(name)?.type]).toEqual([name, type])
  })

  it('--no-collector.commandstats takes its families away and no others', async () => {
    const families = await scrape('--no-collector.commandstats')
    expect(families.has('redis_commands_total')).toBe(false)
    expect(families.has('redis_memory_used_bytes')).toBe(true)
  })
})

describe('/discover-cluster-nodes', () => {
  it('has the nodes of the cluster of the single node with --is-cluster, and is refused without', async () => {
    await withExporter(['--is-cluster'], async (exporter) => {
      const [group] = JSON.parse((await exporter.get('/discover-cluster-nodes')).body) as {
        targets: string[]
        labels: object
      }[]
      expect(group!.targets.toSorted()).toEqual(
        cluster.nodes.map(({ address }) => `redis://${address}`).toSorted(),
      )
      expect(group!.labels).toEqual({})
    })
    await withExporter([], async (exporter) => {
      expect((await exporter.get('/discover-cluster-nodes')).status).toBe(400)
    })
  })
})
