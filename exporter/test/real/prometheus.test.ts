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
let openMetrics: Exporter

beforeAll(async () => {
  cluster = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
  const [port, other] = await freePorts(2)
  const args = ['--cluster.name=demo', `--redis.addr=redis://${cluster.nodes[0]!.address}`]
  exporter = await startExporter({ port: port!, args })
  openMetrics = await startExporter({ port: other!, args: [...args, '--web.enable-openmetrics'] })
})
afterAll(async () => {
  await exporter.stop()
  await openMetrics.stop()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

/**
 * The two ways in which docs/configuration.md says that Prometheus reads the exporter, each as text and as
 * OpenMetrics, by the job's name.
 */
function jobs(): Record<string, object> {
  const sd = ({ url }: Exporter) => ({ http_sd_configs: [{ url: `${url}/sd`, refresh_interval: '1s' }] })
  const all = ({ url }: Exporter) => ({ static_configs: [{ targets: [url.replace('http://', '')] }] })
  return {
    sd: sd(exporter),
    metrics: all(exporter),
    'sd-openmetrics': sd(openMetrics),
    'metrics-openmetrics': all(openMetrics),
  }
}

describe.each(['prometheus', 'prometheus3'] as const)('%s', (server) => {
  let prometheus: Prometheus

  beforeAll(async () => {
    const folder = mkdtempSync(join(dir, 'run-'))
    const configFile = join(folder, 'prometheus.yml')
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '900ms' },
      scrape_configs: Object.entries(jobs()).map(([job, how]) => ({
        job_name: job,
        honor_labels: true,
        ...how,
      })),
    }
    writeFileSync(configFile, stringify(config))
    const [port] = await freePorts(1)
    prometheus = await startPrometheus({ port: port!, dir: folder, configFile, server })
  })
  afterAll(() => prometheus.stop())

  const number = async (query: string) => (await prometheus.query(query))[0]?.value

  describe.each(['sd', 'metrics', 'sd-openmetrics', 'metrics-openmetrics'])('job %s', (job) => {
    it('reads every node of the cluster once', async () => {
      await until(async () => (await number(`sum(redis_up{job="${job}"})`)) === 6, {
        timeoutMs: 30_000,
        what: 'sum(redis_up) == 6',
      })
      expect(await number(`count(redis_up{job="${job}"})`)).toBe(6)
      expect(await number(`min(up{job="${job}"})`)).toBe(1)
      expect(await number(`count(redis_up{job="${job}",redis_cluster="demo"})`)).toBe(6)
    })

    it('knows the types', async () => {
      // Metadata has a counter's name without _total only when it came as OpenMetrics.
      const metric = job.includes('openmetrics') ? 'redis_keyspace_hits' : 'redis_keyspace_hits_total'
      const target = encodeURIComponent(`{job="${job}"}`)
      const url = `${prometheus.url}/api/v1/targets/metadata?metric=${metric}&match_target=${target}`
      const { data } = (await (await fetch(url)).json()) as { data: { type: string }[] }
      expect(new Set(data.map(({ type }) => type))).toEqual(new Set(['counter']))
      expect(await number(`count(redis_keyspace_hits_total{job="${job}"})`)).toBe(6)
    })

    it('joins roles to the series of nodes', async () => {
      const query =
        `count by (role) (redis_memory_used_bytes{job="${job}"} * on (redis_cluster, instance) ` +
        `group_left (role) slotwise_cluster_node_info{job="${job}"})`
      await until(async () => (await prometheus.query(query)).length === 2, {
        timeoutMs: 30_000,
        what: 'both roles',
      })
      const byRole = await prometheus.query(query)
      expect(byRole.map(({ metric, value }) => [metric.role, value]).sort()).toEqual([
        ['primary', 3],
        ['replica', 3],
      ])
    })
  })

  it('drops no sample as a duplicate', async () => {
    await until(async () => ((await number('min(sum by (job) (scrape_samples_scraped))')) ?? 0) > 1000, {
      timeoutMs: 30_000,
      what: 'samples',
    })
    expect(await number('sum(scrape_samples_scraped - scrape_samples_post_metric_relabeling)')).toBe(0)
    const metrics = await (await fetch(`${prometheus.url}/metrics`)).text()
    expect(/^prometheus_target_scrapes_sample_duplicate_timestamp_total (\d+)$/m.exec(metrics)?.[1]).toBe('0')
  })
})
