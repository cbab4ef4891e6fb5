import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAlertmanager } from '../../../stack/src/alertmanager.js'
import { startExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startPrometheus, type Prometheus } from '../../../stack/src/prometheus.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { repoRoot } from '../../../stack/src/servers.js'
import { localAlertmanagerConfig, prometheusConfig } from '../../../stack/src/start/configs.js'
import { until } from '../../../stack/src/until.js'
import { startWebhook, type AlertmanagerWebhook, type Webhook } from '../../../stack/src/webhook.js'

/** The whole path: Redis -> exporter -> Prometheus with the shipped rules -> Alertmanager as shipped -> a webhook. */
const dir = mkdtempSync(join(tmpdir(), 'slotwise-page-'))
const stops: (() => Promise<unknown>)[] = []
let cluster: RedisCluster
let prometheus: Prometheus
let webhook: Webhook

/** Remembers how to stop what was started, to do it in reverse. */
async function started<T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
  const server = await starting
  stops.unshift(() => server.stop())
  return server
}

beforeAll(async () => {
  const [exporterPort, prometheusPort, alertmanagerPort] = await freePorts(3)
  cluster = await started(startCluster({ ports: await freePorts(6, { bus: true }), dir }))
  webhook = await started(startWebhook())
  const exporter = await started(
    startExporter({
      port: exporterPort!,
      args: ['--cluster.name=demo', `--redis.addr=${cluster.nodes[0]!.address}`],
    }),
  )
  const alertmanagerFile = join(dir, 'alertmanager.yml')
  const shipped = readFileSync(join(repoRoot, 'alerts/alertmanager/alertmanager.yml'), 'utf8')
  writeFileSync(alertmanagerFile, localAlertmanagerConfig(shipped, webhook.url))
  await started(startAlertmanager({ port: alertmanagerPort!, dir, configFile: alertmanagerFile }))
  const prometheusFile = join(dir, 'prometheus.yml')
  const targets = {
    exporterUrl: exporter.url,
    alertmanager: `127.0.0.1:${alertmanagerPort}`,
    ruleFiles: [join(repoRoot, 'alerts/rules/*.yml')],
  }
  writeFileSync(prometheusFile, prometheusConfig(targets))
  prometheus = await started(startPrometheus({ port: prometheusPort!, dir, configFile: prometheusFile }))
  await until(async () => (await prometheus.query('sum(redis_up)'))[0]?.value === 6, {
    timeoutMs: 60_000,
    what: 'all nodes to be read',
  })
})
afterAll(async () => {
  for (const stop of stops) await stop()
  rmSync(dir, { recursive: true, force: true })
})

describe('a node that is killed', () => {
  const isAbout = ({ status, alerts }: AlertmanagerWebhook, { address }: RedisNode) =>
    status === 'firing' &&
    alerts.some(({ labels }) => labels.alertname === 'RedisNodeDown' && labels.instance === address)

  it('pages within a minute, naming cluster, shard, node and runbook', { timeout: 90_000 }, async () => {
    const node = cluster.nodes[0]!
    await node.stop('SIGKILL')
    const page = await webhook.waitFor((delivery) => isAbout(delivery, node), 60_000)
    expect(page.receiver).toBe('pager')
    const alert = page.alerts.find(({ labels }) => labels.instance === node.address)!
    expect(alert.labels).toMatchObject({
      severity: 'page',
      redis_cluster: 'demo',
      shard: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    })
    expect(alert.annotations.summary).toContain(node.address)
    expect(alert.annotations.runbook_url).toMatch(/RedisNodeDown\.md$/)
    expect((await prometheus.query('sum(redis_up)'))[0]?.value).toBe(5)
    expect((await prometheus.query('count(redis_up)'))[0]?.value).toBe(6)
  })
})
