import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { startAlertmanager, type Alertmanager } from '../../../stack/src/alertmanager.js'
import { freePorts } from '../../../stack/src/ports.js'
import { until } from '../../../stack/src/until.js'
import { startWebhook, type Webhook } from '../../../stack/src/webhook.js'
import { alertmanagerFile, readRules } from '../files.js'

type Labels = Record<string, string>
interface Route {
  group_wait?: string
  group_interval?: string
  routes?: Route[]
}
interface Config {
  route: Route
  receivers: { name: string; webhook_configs?: { url: string; http_config?: unknown }[] }[]
}

const severities = new Map(readRules().map((rule) => [rule.alert, rule.labels.severity!]))
/** An alert as Prometheus would send it. */
const alert = (alertname: string, labels: Labels = {}): Labels => ({
  alertname,
  severity: severities.get(alertname)!,
  ...labels,
})

// A node of a cluster, and what may follow from its failure
const node = { redis_cluster: 'demo', shard: 's1', instance: 'a:7000' }
const sibling = { redis_cluster: 'demo', shard: 's1', instance: 'b:7000' }
const nodeDown = alert('RedisNodeDown', node)
const clusterDown = alert('RedisClusterDown', { redis_cluster: 'demo' })
const unobserved = alert('SlotwiseClusterUnobserved', { redis_cluster: 'demo' })
const shardBare = alert('RedisPrimaryWithoutReplica', { redis_cluster: 'demo', shard: 's1' })
const memory = alert('RedisMemoryNearMaxmemory', node)
const logDown = alert('SlotwiseEventLogDown', { instance: 'exporter:9121' })
const stale = alert('SlotwiseDiscoveryStale', { redis_cluster: 'demo', instance: 'exporter:9121' })

interface InhibitionCase {
  cause: Labels
  held: Labels[]
  heard: Labels[]
}

const inhibition: [string, InhibitionCase][] = [
  [
    'a node that is down holds what follows for it and its shard, and nothing else',
    {
      cause: nodeDown,
      held: [memory, shardBare, alert('RedisNodeRestarting', node), alert('RedisEvictionFallsBehind', node)],
      heard: [
        alert('RedisMemoryNearMaxmemory', sibling),
        alert('RedisMemoryNearMaxmemory', { ...node, redis_cluster: 'other' }),
        alert('RedisPrimaryWithoutReplica', { redis_cluster: 'demo', shard: 's2' }),
        alert('RedisSlotsNotCovered', { redis_cluster: 'demo' }),
        stale,
      ],
    },
  ],
  [
    'a cluster that is down holds the alerts of its nodes, not those of another cluster',
    {
      cause: clusterDown,
      held: [nodeDown, alert('RedisSlotsNotCovered', { redis_cluster: 'demo' }), shardBare, memory, stale],
      heard: [
        alert('RedisNodeDown', { ...node, redis_cluster: 'other' }),
        alert('RedisNodeDown', { instance: 'lone:6379' }),
        alert('SlotwiseExporterDown', { job: 'slotwise' }),
      ],
    },
  ],
  [
    'a cluster that nobody observes holds all its alerts; the exporter is paged for',
    {
      cause: unobserved,
      held: [clusterDown, nodeDown, shardBare, memory],
      heard: [
        alert('SlotwiseExporterDown', { job: 'slotwise', instance: 'exporter:9121' }),
        alert('RedisClusterDown', { redis_cluster: 'other' }),
      ],
    },
  ],
  [
    'an exporter that is down holds what follows for it, not for another exporter, and no Redis alert',
    {
      cause: alert('SlotwiseExporterDown', { job: 'slotwise', instance: 'exporter:9121' }),
      held: [stale, logDown],
      heard: [{ ...stale, instance: 'other:9121' }, { ...logDown, instance: 'other:9121' }, nodeDown],
    },
  ],
  [
    'labels that are missing on both sides connect nothing',
    {
      cause: alert('RedisNodeDown', { instance: 'lone:6379' }),
      held: [],
      heard: [
        alert('RedisPrimaryWithoutReplica'),
        alert('RedisMemoryNearMaxmemory', { instance: 'lone:6380' }),
      ],
    },
  ],
]

describe.each(['alertmanager', 'alertmanager3'] as const)('a live %s', (server) => {
  let dir: string
  let url: string
  let alertmanager: Alertmanager
  let hooks: Record<'slotwise' | 'pager' | 'tickets' | 'heartbeat', Webhook>

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'slotwise-alerts-'))
    hooks = {
      slotwise: await startWebhook(),
      pager: await startWebhook(),
      tickets: await startWebhook(),
      heartbeat: await startWebhook(),
    }
    const configFile = join(dir, 'alertmanager.yml')
    writeFileSync(configFile, stringify(impatient(parse(readFileSync(alertmanagerFile, 'utf8')) as Config)))
    const [port] = await freePorts(1)
    alertmanager = await startAlertmanager({ port: port!, dir, configFile, server })
    url = alertmanager.url
  })

  afterEach(async () => {
    await alertmanager.stop()
    await Promise.all(Object.values(hooks).map((hook) => hook.stop()))
    rmSync(dir, { recursive: true, force: true })
  })

  /** The shipped configuration with our addresses, and without its patience. */
  function impatient(config: Config): Config {
    const hurry = (route: Route): Route => ({
      ...route,
      ...(route.group_wait === undefined ? {} : { group_wait: '1s' }),
      ...(route.group_interval === undefined ? {} : { group_interval: '1s' }),
      ...(route.routes === undefined ? {} : { routes: route.routes.map(hurry) }),
    })
    const receivers = config.receivers.map((receiver) =>
      receiver.webhook_configs === undefined
        ? receiver
        : {
            ...receiver,
            webhook_configs: receiver.webhook_configs.map((webhook) => ({
              ...webhook,
              http_config: {},
              url: hooks[receiver.name as keyof typeof hooks].url,
            })),
          },
    )
    return { ...config, route: hurry(config.route), receivers }
  }

  async function post(...alerts: { labels: Labels; endsAt?: string }[]): Promise<void> {
    const answer = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    })
    expect(answer.status, await answer.text()).toBe(200)
  }

  /** alertname and labels of everything that a receiver was told, in one state. */
  const told = (hook: Webhook, status: 'firing' | 'resolved' = 'firing') =>
    hook.deliveries
      .flatMap((delivery) => delivery.alerts)
      .filter((one) => one.status === status)
      .map((one) => one.labels)

  const everybody = () => [...told(hooks.pager), ...told(hooks.tickets), ...told(hooks.heartbeat)]

  /** Whether Alertmanager says that something inhibits the alert. */
  async function isHeld(labels: Labels): Promise<boolean> {
    const listed = (await (await fetch(`${url}/api/v2/alerts`)).json()) as {
      labels: Labels
      status: { inhibitedBy: string[] }
    }[]
    const same = listed.find((one) => JSON.stringify(sorted(one.labels)) === JSON.stringify(sorted(labels)))
    if (!same) throw new Error(`Alertmanager does not know ${JSON.stringify(labels)}`)
    return same.status.inhibitedBy.length > 0
  }

  const sorted = (labels: Labels) => Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))

  it('delivers a page to the pager, a ticket to the tickets, both to Slotwise, the watchdog to the heartbeat, and nobody the rest', async () => {
    const other = alert('SlotwiseClusterUnobserved', { redis_cluster: 'other' })
    await post(...[nodeDown, stale, alert('Watchdog'), other].map((labels) => ({ labels })))
    const page = await hooks.pager.waitFor((delivery) => delivery.alerts.length > 0, 20_000)
    await hooks.tickets.waitFor(() => true, 20_000)
    await hooks.heartbeat.waitFor(() => true, 20_000)

    expect(page).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'pager',
      groupLabels: { redis_cluster: 'demo', alertname: 'RedisNodeDown' },
    })
    expect(told(hooks.pager)).toEqual([nodeDown])
    expect(told(hooks.tickets)).toEqual([stale])
    await until(() => told(hooks.slotwise).length === 2, { timeoutMs: 20_000, what: 'Slotwise to be told' })
    expect(told(hooks.slotwise)).toEqual(expect.arrayContaining([nodeDown, stale]))
    expect(told(hooks.heartbeat)).toContainEqual(alert('Watchdog'))
    expect(everybody()).not.toContainEqual(other)
  })

  it('tells the pager when it is over', async () => {
    await post({ labels: nodeDown })
    await hooks.pager.waitFor((delivery) => delivery.status === 'firing', 20_000)
    await post({ labels: nodeDown, endsAt: new Date().toISOString() })
    await hooks.pager.waitFor((delivery) => delivery.status === 'resolved', 20_000)
    expect(told(hooks.pager, 'resolved')).toEqual([nodeDown])
  })

  // Half a minute each: once is enough
  if (server === 'alertmanager')
    it('does not call a node resolved while nobody observes its cluster', async () => {
      await post({ labels: nodeDown })
      await hooks.pager.waitFor((delivery) => delivery.status === 'firing', 20_000)
      await post({ labels: unobserved })
      await until(() => isHeld(nodeDown), { timeoutMs: 40_000, what: 'the node to be held' })
      // the exporter is gone, so Prometheus sees no redis_up == 0 any more
      await post({ labels: nodeDown, endsAt: new Date().toISOString() })
      await until(async () => (await groups()) === 1, {
        timeoutMs: 50_000,
        what: 'its group to be done with',
      })
      expect(told(hooks.pager, 'resolved')).toEqual([])
    })

  /** How many groups of alerts Alertmanager has at work; it drops the empty ones every half minute. */
  async function groups(): Promise<number> {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    return Number(/^alertmanager_dispatcher_aggregation_groups (?<count>\d+)$/m.exec(metrics)?.groups?.count)
  }

  it.each(inhibition)('%s', async (_, { cause, held, heard }) => {
    // the cause is there first, as `for` and group_wait see to it
    await post({ labels: cause })
    await until(async () => !(await isHeld(cause)), { timeoutMs: 40_000, what: 'the cause to be known' })
    await post(...[...held, ...heard].map((labels) => ({ labels })))
    for (const labels of held)
      await until(() => isHeld(labels), { timeoutMs: 40_000, what: `${labels.alertname!} to be held` })
    await until(() => heard.every((labels) => everybody().some((one) => same(one, labels))), {
      timeoutMs: 40_000,
      what: 'the others to be delivered',
    })
    for (const labels of heard) expect(await isHeld(labels), labels.alertname).toBe(false)
    for (const labels of held) expect(everybody()).not.toContainEqual(labels)
  })

  const same = (a: Labels, b: Labels) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
})
