import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startAlertmanager } from '../../../stack/src/alertmanager.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startPrometheus } from '../../../stack/src/prometheus.js'
import { repoRoot } from '../../../stack/src/servers.js'
import { localAlertmanagerConfig } from '../../../stack/src/start/configs.js'
import { until } from '../../../stack/src/until.js'
import { startWebhook } from '../../../stack/src/webhook.js'
import { alertList, type FiringAlert } from '../../src/contract/alerts.js'
import { startTestControl, type TestControl } from '../control.js'

/** An alert as a rule of Prometheus. */
const rule = (alert: string, labels: object) => ({
  alert,
  // A scrape that comes too late changes nothing.
  expr: 'max(last_over_time(trouble[5m])) == 1',
  labels: { severity: 'page', ...labels },
  annotations: { summary: `${alert} is told`, runbook_url: `https://example.org/${alert}` },
})
const RULES = [
  rule('RedisNodeDown', { redis_cluster: 'demo', shard: 's1', instance: 'a:1' }),
  rule('SlotwiseExporterDown', {}),
  rule('Foreign', {}),
]

/** A rule that fires in Prometheus comes over Alertmanager's shipped routes into the log, and is gone when it is over. */
describe.each([
  ['prometheus', 'alertmanager'],
  ['prometheus3', 'alertmanager3'],
] as const)('%s and %s', (prometheusServer, alertmanagerServer) => {
  let dir: string
  let control: TestControl
  let stops: (() => Promise<unknown>)[]
  /** What the rules look at: they fire at 1. */
  let trouble: 0 | 1

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slotwise-alerting-'))
    stops = []
    const started = async <T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
      const server = await starting
      stops.unshift(() => server.stop())
      return server
    }
    // Prometheus' clock is the real one.
    const scopes = { alertmanager: { scopes: ['alerts'] }, reader: { scopes: ['read'] } } as const
    control = await started(startTestControl(scopes, { clock: Date.now }))
    const [alertmanagerPort, prometheusPort] = await freePorts(2)
    const webhook = await started(startWebhook())

    const tokenFile = join(dir, 'token')
    writeFileSync(tokenFile, control.tokens.alertmanager!, { mode: 0o600 })
    const shipped = readFileSync(join(repoRoot, 'alerts/alertmanager/alertmanager.yml'), 'utf8')
    const receiver = { url: `${control.url}/api/v1/alerts`, tokenFile }
    const configFile = join(dir, 'alertmanager.yml')
    const config = localAlertmanagerConfig(shipped, webhook.url, receiver)
    writeFileSync(configFile, config.replaceAll(/group_(wait|interval): \w+/g, 'group_$1: 1s'))
    const alertmanager = await started(
      startAlertmanager({ port: alertmanagerPort!, dir, configFile, server: alertmanagerServer }),
    )

    trouble = 0
    const metrics = createServer((_, response) => response.end(`trouble ${trouble}\n`))
    await new Promise<void>((resolve) => metrics.listen(0, '127.0.0.1', resolve))
    stops.unshift(() => new Promise((resolve) => metrics.close(resolve).closeAllConnections()))
    const rules = join(dir, 'rules.yml')
    writeFileSync(rules, JSON.stringify({ groups: [{ name: 'test', rules: RULES }] }))
    const prometheusFile = join(dir, 'prometheus.yml')
    const { port } = metrics.address() as AddressInfo
    writeFileSync(
      prometheusFile,
      JSON.stringify({
        global: { evaluation_interval: '1s', scrape_interval: '1s' },
        rule_files: [rules],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
        scrape_configs: [
          {
            job_name: 'test',
            fallback_scrape_protocol: prometheusServer === 'prometheus3' ? 'PrometheusText0.0.4' : undefined,
            static_configs: [{ targets: [`127.0.0.1:${port}`] }],
          },
        ],
      }),
    )
    const prometheus = await started(
      startPrometheus({
        port: prometheusPort!,
        dir: join(dir, 'prometheus'),
        configFile: prometheusFile,
        server: prometheusServer,
      }),
    )
    const found = async () =>
      (await (await fetch(`${prometheus.url}/api/v1/alertmanagers`)).text()).includes('/v2/alerts')
    // What fires before Prometheus has found its Alertmanager is told a minute later only.
    await until(found, { timeoutMs: 60_000, what: 'Prometheus to find Alertmanager' })
  })
  afterEach(async () => {
    for (const stop of stops) await stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const firing = async (): Promise<FiringAlert[]> => {
    const { body } = await control.ask('GET', '/api/v1/alerts', { token: 'reader' })
    return alertList.parse(body).alerts
  }
  const names = async () => (await firing()).map(({ name }) => name)

  it('record an alert once it can be recorded, and take it away when it is over', async () => {
    let refused = 0
    const append = control.log.append.bind(control.log)
    control.log.unavailable = 'the disk is full'
    control.log.append = (...given) => {
      refused++
      return append(...given)
    }
    trouble = 1
    // Refused with 503, and tried again.
    await until(() => refused > 1, { timeoutMs: 60_000, what: 'Alertmanager to try again' })
    expect(control.log.rows).toEqual([])
    control.log.unavailable = undefined

    await until(async () => (await names()).length === 2, { timeoutMs: 60_000, what: 'both alerts' })
    expect(await firing()).toMatchObject([
      {
        cluster: 'demo',
        shard: 's1',
        node: 'a:1',
        name: 'RedisNodeDown',
        severity: 'page',
        summary: 'RedisNodeDown is told',
        runbook: 'https://example.org/RedisNodeDown',
      },
      { name: 'SlotwiseExporterDown' },
    ])
    expect((await firing())[1]).not.toHaveProperty('cluster')

    trouble = 0
    await until(async () => (await names()).length === 0, { timeoutMs: 60_000, what: 'both to be over' })
    const told = control.log.rows.map(({ stream, type }) => `${stream} ${type.split('.').at(-1)!}`)
    expect(told.sort()).toEqual([
      'alerts/- fired',
      'alerts/- resolved',
      'alerts/demo fired',
      'alerts/demo resolved',
    ])
  })
})
