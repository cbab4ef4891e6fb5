import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readRules, ruleFiles } from '../../../alerts/test/files.js'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startPrometheus, type Prometheus } from '../../../stack/src/prometheus.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { until } from '../../../stack/src/until.js'
import { substitute } from '../promql.js'
import { annotationQueries, panelQueries } from '../queries.js'

/** Queries that are rightly empty while all is well; what makes them answer is tested below. */
const ONLY_IN_TROUBLE = ['Firing alerts A']

const wait = { timeoutMs: 60_000, intervalMs: 500 }

let dir: string
let cluster: RedisCluster
let exporter: Exporter
let servers: Record<'prometheus' | 'prometheus3', Prometheus>

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'slotwise-dashboard-'))
  const ports = await freePorts(6, { bus: true })
  const [exporterPort, oldPort, newPort] = await freePorts(3)
  cluster = await startCluster({
    ports,
    dir,
    // a limit, so that there is a share of it
    config: { maxmemory: '64mb', 'maxmemory-policy': 'allkeys-lru' },
  })
  exporter = await startExporter({
    args: ['--cluster.name', 'demo', '--redis.addr', `redis://${cluster.nodes[0]!.address}`],
    port: exporterPort!,
  })
  const configFile = join(dir, 'prometheus.yml')
  writeFileSync(
    configFile,
    stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ruleFiles,
      scrape_configs: [
        {
          job_name: 'slotwise',
          honor_labels: true,
          http_sd_configs: [{ url: `${exporter.url}/sd`, refresh_interval: '2s' }],
        },
      ],
    }),
  )
  servers = {
    prometheus: await startPrometheus({ port: oldPort!, dir: join(dir, 'old'), configFile }),
    prometheus3: await startPrometheus({
      port: newPort!,
      dir: join(dir, 'new'),
      configFile,
      server: 'prometheus3',
    }),
  }
})

afterAll(async () => {
  await Promise.all(Object.values(servers).map((server) => server.stop()))
  await exporter.stop()
  await cluster.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Reads that hit and miss, writes, an expiry, an error. */
async function someTraffic(): Promise<void> {
  const [node] = cluster.nodes
  await node!.cli('-c', 'SET', 'greeting', 'hello')
  await node!.cli('-c', 'GET', 'greeting')
  await node!.cli('-c', 'GET', 'nobody')
  await node!.cli('-c', 'SET', 'short', 'life', 'PX', '10')
  await expect(node!.cli('-c', 'LPUSH', 'greeting', 'x')).rejects.toThrow('WRONGTYPE')
}

const short = { $__rate_interval: '10s' }

describe.each(['prometheus', 'prometheus3'] as const)('%s', (name) => {
  const healthy = panelQueries.filter(({ where }) => !ONLY_IN_TROUBLE.includes(where))

  it.each(healthy)('answers $where', async ({ where, expr }) => {
    const samples = await until(
      async () => {
        await someTraffic()
        const answer = await servers[name].query(substitute(expr, short))
        return answer.length > 0 ? answer : undefined
      },
      { ...wait, what: `data for ${where}` },
    )
    expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true)
  })

  it.each(annotationQueries)('accepts the annotation $where', async ({ expr }) => {
    await servers[name].query(substitute(expr, short))
  })

  it('shows a row a node, with its role and what replicas have of their primaries', async () => {
    const of = async (where: string) => servers[name].query(substitute(expression(where), short))
    const roles = await until(
      async () => {
        const rows = await of('Nodes up')
        return rows.length === 6 && rows.every(({ metric }) => metric.role !== undefined) ? rows : undefined
      },
      { ...wait, what: 'the roles of all nodes' },
    )
    expect(roles.map(({ metric }) => metric.instance).sort()).toEqual(
      cluster.nodes.map((node) => node.address).sort(),
    )
    expect(roles.filter(({ metric }) => metric.role === 'replica')).toHaveLength(3)
    expect(await of('Nodes link')).toHaveLength(3)
    expect(await of('Replicas behind A')).toHaveLength(3)
  })

  it.each(readRules())('evaluates $alert, which does not hold while all is well', async ({ alert, expr }) => {
    const samples = await servers[name].query(expr)
    expect(samples).toHaveLength(alert === 'Watchdog' ? 1 : 0)
  })
})

describe('in trouble', () => {
  const answered = (where: string) => async () => {
    const [a, b] = await Promise.all(
      Object.values(servers).map((server) => server.query(substitute(expression(where), short))),
    )
    return a!.length > 0 && b!.length > 0 ? a : undefined
  }

  it('marks a failover, and the epoch that it raises', async () => {
    await cluster.nodes[3]!.cli('CLUSTER', 'FAILOVER')
    await until(answered('Failovers'), { ...wait, what: 'a mark for the failover' })
    await until(answered('Epoch changes'), { ...wait, what: 'a mark for the epoch' })
  })

  it('lists the alert for a node that was killed, and marks its restart', async () => {
    const node = cluster.nodes[5]!
    await node.stop('SIGKILL')
    const alerts = await until(answered('Firing alerts A'), { ...wait, what: 'a firing alert' })
    expect(alerts.map(({ metric }) => [metric.alertname, metric.instance])).toContainEqual([
      'RedisNodeDown',
      node.address,
    ])
    await node.start()
    await until(answered('Restarts'), { ...wait, what: 'a mark for the restart' })
  })
})

function expression(where: string): string {
  const found = [...panelQueries, ...annotationQueries].find((query) => query.where === where)
  if (!found) throw new Error(`the dashboard has no query ${where}`)
  return found.expr
}
