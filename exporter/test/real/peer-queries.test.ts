import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startPrometheus, type Prometheus } from '../../../stack/src/prometheus.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import { peerQueries } from '../peer-queries.js'
import { startSentinel, type Sentinel } from '../sentinel.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-peer-'))
let cluster: RedisCluster
let sentinel: Sentinel
let exporter: Exporter
let prometheus: Prometheus
let load: NodeJS.Timeout

beforeAll(async () => {
  const [port, sentinelPort, prometheusPort] = await freePorts(3)
  cluster = await startCluster({
    ports: await freePorts(2, { bus: true }),
    dir,
    server: 'redis8-server',
    config: { maxmemory: '100mb', 'slowlog-log-slower-than': '0' },
  })
  const primary = cluster.nodes[0]!
  await primary.cli('SET', 'expiring', 'value', 'EX', '10000')
  await primary.cli('LPUSH', 'expiring', 'x').catch(() => undefined)
  load = setInterval(() => void primary.cli('GET', 'expiring').catch(() => undefined), 500)
  sentinel = await startSentinel({ port: sentinelPort!, dir, primary: primary.port })
  exporter = await startExporter({
    port: port!,
    args: [
      '--redis.addr=',
      '--scrape.allow=127.0.0.1',
      '--scrape.slow-interval=1s',
      '--include-system-metrics',
      '--include-config-metrics',
      '--export-client-list',
    ],
  })
  const configFile = join(dir, 'prometheus.yml')
  writeFileSync(configFile, stringify(scrapeConfig(exporter.url.replace('http://', ''))))
  prometheus = await startPrometheus({ port: prometheusPort!, dir, configFile, server: 'prometheus3' })
})
afterAll(async () => {
  clearInterval(load)
  await prometheus.stop()
  await exporter.stop()
  await sentinel.stop()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** The job for several targets of redis_exporter's documentation. */
function scrapeConfig(address: string): object {
  const targets = [...cluster.nodes.map((node) => node.address), sentinel.address]
  return {
    global: { scrape_interval: '1s', scrape_timeout: '900ms' },
    scrape_configs: [
      {
        job_name: 'redis_exporter_targets',
        metrics_path: '/scrape',
        static_configs: [{ targets: targets.map((target) => `redis://${target}`) }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__param_target'], target_label: 'instance' },
          { target_label: '__address__', replacement: address },
        ],
      },
      { job_name: 'redis_exporter', static_configs: [{ targets: [address] }] },
    ],
  }
}

describe.each(Object.entries(peerQueries))('%s', (_, queries) => {
  it.each(queries)('%s', async (query) => {
    const promql = query.replaceAll('$job', 'instance=~".+"')
    const data = await until(
      async () => {
        const samples = await prometheus.query(promql)
        return samples.length > 0 ? samples : undefined
      },
      { timeoutMs: 60_000, what: `data for ${promql}` },
    )
    expect(data.length).toBeGreaterThan(0)
  })
})

describe('the exporter itself', () => {
  it('answers its own /metrics without a node, as redis_exporter does with an empty --redis.addr', async () => {
    const { status, body } = await exporter.get('/metrics')
    expect(status).toBe(200)
    expect(body).toMatch(/^redis_exporter_build_info\{/m)
    expect(body).not.toMatch(/^redis_up/m)
  })
})
