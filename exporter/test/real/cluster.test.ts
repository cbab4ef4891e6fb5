import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import { parseExposition, valueOf, type ParsedFamily } from '../exposition.js'

interface TargetGroup {
  targets: string[]
  labels: Record<string, string>
}

const dir = mkdtempSync(join(tmpdir(), 'slotwise-cluster-'))
let cluster: RedisCluster
let exporter: Exporter

beforeAll(async () => {
  cluster = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
  const [port] = await freePorts(1)
  exporter = await startExporter({
    port: port!,
    // The seeds are replicas and one address where nothing listens: any seed will do.
    args: [
      '--cluster.name=demo',
      `--redis.addr=redis://127.0.0.1:1,redis://${cluster.nodes[4]!.address}`,
      '--discovery.interval=200ms',
    ],
  })
  await until(async () => (await exporter.get('/sd')).body.includes('"__meta_slotwise_role":"primary"'), {
    timeoutMs: 40_000,
    what: '/sd to know the nodes',
  })
})

afterAll(async () => {
  await exporter.stop()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

const scrapeAll = async () => parseExposition((await exporter.get('/metrics')).body)
const scrapeFleet = async () => parseExposition((await exporter.get('/metrics/fleet')).body)
const sd = async () => JSON.parse((await exporter.get('/sd')).body) as TargetGroup[]
const upOf = (families: Map<string, ParsedFamily>, { address }: RedisNode) =>
  valueOf(families, `redis_up{instance="${address}",redis_cluster="demo"}`)
const errorOf = (families: Map<string, ParsedFamily>, { address }: RedisNode) =>
  [...families.get('redis_exporter_last_scrape_error')!.samples.keys()].find((series) =>
    series.includes(`instance="${address}"`),
  )
const roleOf = async (node: RedisNode) => (await node.cli('ROLE')).split('\n')[0]

/** Waits until /metrics satisfies a condition. */
async function scrapeUntil(
  what: string,
  condition: (families: Map<string, ParsedFamily>) => boolean,
): Promise<Map<string, ParsedFamily>> {
  return until(
    async () => {
      const families = await scrapeAll()
      return condition(families) ? families : undefined
    },
    { timeoutMs: 40_000, what },
  )
}

const healthy = (families: Map<string, ParsedFamily>) =>
  [...(families.get('slotwise_cluster_health')?.samples.values() ?? [0])].every((ok) => ok === 1)
const allUp = (families: Map<string, ParsedFamily>) =>
  cluster.nodes.every((node) => upOf(families, node) === 1)

describe('a healthy cluster', () => {
  it('is there with every node, from any seed, no series twice and no family split', async () => {
    const families = await scrapeAll()
    expect(cluster.nodes.map((node) => upOf(families, node))).toEqual([1, 1, 1, 1, 1, 1])
    expect(valueOf(families, 'slotwise_cluster_slots_covered{redis_cluster="demo"}')).toBe(16384)
    expect(valueOf(families, 'slotwise_cluster_views{redis_cluster="demo"}')).toBe(1)
    expect([...families.get('slotwise_cluster_shard_replicas')!.samples.values()]).toEqual([1, 1, 1])
    await scrapeUntil('every check to pass', healthy)
  })

  it('is a list of targets that need no relabelling', async () => {
    const groups = await sd()
    expect(groups).toHaveLength(7)
    for (const node of cluster.nodes) {
      const group = groups.find(({ labels }) => labels.instance === node.address)!
      expect(group.targets).toEqual([exporter.url.replace('http://', '')])
      expect(group.labels).toMatchObject({
        __metrics_path__: '/scrape',
        __param_target: `redis://${node.address}`,
        redis_cluster: 'demo',
        shard: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      })
    }
    expect(new Set(groups.map(({ labels }) => labels.shard)).size).toBe(4) // three shards, and the fleet without one
  })

  it('gives one node without labels of its own on /scrape', async () => {
    const families = parseExposition((await exporter.get(`/scrape?target=${cluster.nodes[0]!.address}`)).body)
    expect(valueOf(families, 'redis_up{}')).toBe(1)
    expect(valueOf(families, 'redis_cluster_state{}')).toBe(1)
  })

  it('has no series of nodes in /metrics/fleet', async () => {
    const families = await scrapeFleet()
    expect([...families.keys()].filter((name) => name.startsWith('redis_'))).toEqual([])
    expect(families.get('slotwise_cluster_node_info')!.samples.size).toBe(6)
  })

  it('uses one connection a node and keeps it', async () => {
    await scrapeAll()
    const clients = await cluster.nodes[0]!.cli('CLIENT', 'LIST')
    await scrapeAll()
    const later = await cluster.nodes[0]!.cli('CLIENT', 'LIST')
    const ids = (list: string) =>
      list
        .split('\n')
        .flatMap((line) => (line.includes('name=slotwise/exporter ') ? [/^id=(\d+)/.exec(line)![1]] : []))
    expect(ids(clients)).toHaveLength(1)
    expect(ids(later)).toEqual(ids(clients))
  })

  it('gives the shared list of redis_exporter too', async () => {
    const [group] = JSON.parse((await exporter.get('/discover-cluster-nodes')).body) as TargetGroup[]
    expect(group!.targets.toSorted()).toEqual(
      cluster.nodes.map(({ address }) => `redis://${address}`).toSorted(),
    )
  })
})

describe('a node under SIGSTOP', () => {
  it('is down within its timeout, is explained, and costs the others nothing', async () => {
    const stopped = cluster.nodes[5]!
    stopped.signal('SIGSTOP')
    try {
      const families = await scrapeAll()
      expect(upOf(families, stopped)).toBe(0)
      expect(errorOf(families, stopped)).toContain('no answer in time')
      expect(cluster.nodes.slice(0, 5).map((node) => upOf(families, node))).toEqual([1, 1, 1, 1, 1])
    } finally {
      stopped.signal('SIGCONT')
    }
    await scrapeUntil('the node to be up again', allUp)
  })
})

describe('a node that restarts', () => {
  it('is down with its reason, stays in /sd, and is read again when it is back', async () => {
    const node = cluster.nodes[4]!
    await node.stop()
    const families = await scrapeAll()
    expect(upOf(families, node)).toBe(0)
    expect(errorOf(families, node)).toContain('connection refused: nothing listens there')
    expect((await sd()).map(({ labels }) => labels.instance)).toContain(node.address)
    await node.start()
    await scrapeUntil('the node to be up again', allUp)
  })
})

describe('a failover', () => {
  it('is followed and counted, and renames no shard', async () => {
    const [primary, replica] = [cluster.nodes[0]!, cluster.nodes[3]!]
    const shardOf = async ({ address }: RedisNode) =>
      (await sd()).find(({ labels }) => labels.instance === address)!.labels.shard
    const shard = await shardOf(primary)
    await primary.stop('SIGKILL')
    await until(async () => (await roleOf(replica)) === 'master', {
      timeoutMs: 40_000,
      what: 'the replica to take over',
    })
    const families = await scrapeUntil(
      'the failover to be seen',
      (now) => valueOf(now, 'slotwise_cluster_failovers_total{redis_cluster="demo"}') === 1,
    )
    expect(upOf(families, primary)).toBe(0)
    expect(valueOf(families, `slotwise_cluster_shard_replicas{redis_cluster="demo",shard="${shard}"}`)).toBe(
      0,
    )
    expect(await shardOf(replica)).toBe(shard)
    expect(await shardOf(primary)).toBe(shard)

    await primary.start()
    await scrapeUntil('the old primary to be a replica', (now) =>
      [...now.get('slotwise_cluster_node_info')!.samples.keys()].some(
        (series) => series.includes(`instance="${primary.address}"`) && series.includes('role="replica"'),
      ),
    )
    await scrapeUntil('the cluster to be well', (now) => allUp(now) && healthy(now))
    expect(await shardOf(primary)).toBe(shard)
  })
})

describe('a cluster that grows and shrinks', () => {
  it('shows the new node, then tells it apart when it was forgotten', async () => {
    const [port] = await freePorts(1, { bus: true })
    const node = await cluster.addNode(port!)
    await scrapeUntil('the new node to be read', (now) => upOf(now, node) === 1)

    const id = await node.cli('CLUSTER', 'MYID')
    await node.stop()
    for (const other of cluster.nodes.slice(0, 6)) await other.cli('CLUSTER', 'FORGET', id)
    const forgotten = `slotwise_cluster_node_forgotten{instance="${node.address}",redis_cluster="demo"}`
    await scrapeUntil('the node to be forgotten', (now) => valueOf(now, forgotten) === 1)
    expect((await sd()).map(({ labels }) => labels.instance)).toContain(node.address)
  })
})
