import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import { parseExposition, valueOf } from '../exposition.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-addresses-'))
let cluster: RedisCluster
let announced: number[]

/** Primaries alone: a replica goes by the announced address of its primary. */
beforeAll(async () => {
  cluster = await startCluster({ ports: await freePorts(3, { bus: true }), dir, replicas: 0 })
  announced = await freePorts(3)
  for (const [i, node] of cluster.nodes.entries()) {
    await node.cli('CONFIG', 'SET', 'cluster-announce-bus-port', String(node.port + 10_000))
    await node.cli('CONFIG', 'SET', 'cluster-announce-port', String(announced[i]))
  }
  for (const node of cluster.nodes) {
    const hasAll = async () => {
      const view = await node.cli('CLUSTER', 'NODES')
      return announced.every((port) => view.includes(`:${port}@`))
    }
    await until(hasAll, { timeoutMs: 40_000, what: 'every node to hear of the announced addresses' })
  }
})
afterAll(async () => {
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

async function withExporter(cluster: object, use: (exporter: Exporter) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(dir, 'run-'))
  const file = join(folder, 'slotwise.yml')
  writeFileSync(file, stringify({ clusters: [{ name: 'demo', ...cluster }] }))
  const [port] = await freePorts(1)
  const args = ['--config.file', file, '--discovery.interval=200ms']
  const exporter = await startExporter({ port: port!, args })
  try {
    await use(exporter)
  } finally {
    await exporter.stop()
  }
}

describe('a cluster that announces addresses that nobody reaches', () => {
  const ups = async (exporter: Exporter) => [
    ...(parseExposition((await exporter.get('/metrics')).body)
      .get('redis_up')
      ?.samples.values() ?? []),
  ]

  it('is down as announced', async () => {
    await withExporter({ seeds: [cluster.nodes[0]!.address] }, async (exporter) => {
      await until(async () => (await ups(exporter)).length === 3, { timeoutMs: 40_000, what: 'three nodes' })
      expect(await ups(exporter)).toEqual([0, 0, 0])
    })
  })

  it('is read, listed and scraped by the addresses that the configuration maps them to, which need no allowing', async () => {
    const addresses = Object.fromEntries(
      cluster.nodes.map(({ address }, i) => [`127.0.0.1:${announced[i]}`, address]),
    )
    const settings = { seeds: [cluster.nodes[0]!.address], allow: ['10.0.0.0/8'], addresses }
    await withExporter(settings, async (exporter) => {
      await until(async () => (await ups(exporter)).join() === '1,1,1', {
        timeoutMs: 40_000,
        what: 'three nodes up',
      })
      const families = parseExposition((await exporter.get('/metrics')).body)
      for (const { address } of cluster.nodes)
        expect(valueOf(families, `redis_up{instance="${address}",redis_cluster="demo"}`)).toBe(1)
      const groups = JSON.parse((await exporter.get('/sd')).body) as { labels: Record<string, string> }[]
      const targets = groups.flatMap(({ labels }) => labels.__param_target ?? [])
      expect(targets.toSorted()).toEqual(cluster.nodes.map(({ address }) => `redis://${address}`).toSorted())
      for (const target of targets)
        expect((await exporter.get(`/scrape?target=${target}`)).body).toContain('redis_up 1\n')
    })
  })
})
