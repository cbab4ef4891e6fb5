import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startPrometheus, type Prometheus } from '../../../stack/src/prometheus.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-prometheus-'))
let cluster: RedisCluster
let exporter: Exporter

beforeAll(async () => {
  cluster = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
  const [port] = await freePorts(1)
  exporter = await startExporter({
    port: port!,
    args: ['--cluster.name=demo', `--redis.addr=redis://${cluster.nodes[0]!.address}`],
  })
})
afterAll(async () => {
  await exporter.stop()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** The two ways in which docs/configuration.md says that Prometheus reads the exporter. */
function jobs(): Record<string, object> {
  const address = exporter.url.replace('http://', '')
  return {
    'one job from /sd': { http_sd_configs: [{ url: `${exporter.url}/sd`, refresh_interval: '1s' }] },
    'all nodes in one /metrics': { static_configs: [{ targets: [address] }] },
  }
}

describe.each(['prometheus', 'prometheus3'] as const)('%s', (server) => {
  describe.each(['one job from /sd', 'all nodes in one /metrics'])('%s', (way) => {
    let prometheus: Prometheus

    beforeAll(async () => {
      const folder = mkdtempSync(join(dir, 'run-'))
      const configFile = join(folder, 'prometheus.yml')
      const config = {
        global: { scrape_interval: '1s', scrape_timeout: '900ms' },
        scrape_configs: [{ job_name: 'slotwise', honor_labels: true, ...jobs()[way] }],
      }
      writeFileSync(configFile, stringify(config))
      const [port] = await freePorts(1)
      prometheus = await startPrometheus({ port: port!, dir: folder, configFile, server })
    })
    afterAll(() => prometheus.stop())

    const number = async (query: string) => (await prometheus.query(query))[0]?.value

    it('reads every node of the cluster once', async () => {
      await until(async () => (await number('sum(redis_up)')) === 6, {
        timeoutMs: 60_000,
        what: 'sum(redis_up) == 6',
      })
      expect(await number('count(redis_up)')).toBe(6)
      expect(await number('min(up)')).toBe(1)
      expect(await number('count(redis_up{redis_cluster="demo"})')).toBe(6)
    })

    it('joins roles to the series of nodes', async () => {
      const query =
        'count by (role) (redis_memory_used_bytes * on (redis_cluster, instance) group_left (role) slotwise_cluster_node_info)'
      await until(async () => (await prometheus.query(query)).length === 2, {
        timeoutMs: 60_000,
        what: 'both roles',
      })
      const byRole = await prometheus.query(query)
      expect(byRole.map(({ metric, value }) => [metric.role, value]).sort()).toEqual([
        ['primary', 3],
        ['replica', 3],
      ])
    })

    it('drops no sample as a duplicate', async () => {
      await until(async () => ((await number('sum(scrape_samples_scraped)')) ?? 0) > 1000, {
        timeoutMs: 60_000,
        what: 'samples',
      })
      expect(await number('sum(scrape_samples_scraped - scrape_samples_post_metric_relabeling)')).toBe(0)
      const metrics = await (await fetch(`${prometheus.url}/metrics`)).text()
      expect(/^prometheus_target_scrapes_sample_duplicate_timestamp_total (\d+)$/m.exec(metrics)?.[1]).toBe(
        '0',
      )
    })
  })
})
