import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { SCOPES } from '../../../exporter/src/contract/tokens.js'
import { localAlertmanagerConfig, prometheusConfig } from '../../src/start/configs.js'
import { parseOptions } from '../../src/start/options.js'
import { ALL_KEYS, demoKeys, sampleFile } from '../../src/start/demo-keys.js'
import { slotOf } from '../../src/start/mass-insert.js'
import { deliveryLines } from '../../src/start/pages.js'
import { assertPortsFree, neededPorts } from '../../src/start/ports.js'
import { makeRunFolder, removeDeadRunFolders, removeRunFolder } from '../../src/start/run-folder.js'
import { ALL_SCOPES } from '../../src/start/token.js'
import type { AlertmanagerWebhook } from '../../src/webhook.js'

describe('the ports of a start', () => {
  test('are those of the design, with the cluster bus', () => {
    const ports = neededPorts(parseOptions([])).map(({ port }) => port)
    const nodes = [...range(7000, 7005), ...range(7010, 7015)]
    expect(ports).toEqual([...nodes, ...nodes.map((port) => port + 10_000), 9121, 8121, 9090, 9093, 3000])
  })

  test('of the cluster bus are none that an outgoing connection may have', () => {
    const buses = (redisPort: string) =>
      neededPorts(parseOptions(['--redis-port', redisPort])).flatMap(({ use, port }) =>
        use === 'a cluster bus' ? port : [],
      )
    expect(buses('22752')).toEqual([...range(32_752, 32_757), ...range(32_762, 32_767)])
    expect(buses('22753')).toEqual([...range(12_753, 12_758), ...range(12_763, 12_768)])
    expect(buses('28000')).toEqual([...range(18_000, 18_005), ...range(18_010, 18_015)])
  })

  test('are without those of Redis when another cluster is watched', () => {
    const options = parseOptions(['--redis', 'redis://10.0.0.1:6379', '--exporter-port', '9122'])
    expect(neededPorts(options).map(({ port }) => port)).toEqual([9122, 8121, 9090, 9093, 3000])
  })

  test('may not be asked for twice', async () => {
    const needed = neededPorts(parseOptions(['--exporter-port', '7003']))
    await expect(assertPortsFree(needed)).rejects.toThrow(
      'port 7003 is asked for twice: --redis-port (a Redis node) and --exporter-port (the exporter)',
    )
  })

  test('may not be taken', async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    )
    try {
      const needed = [{ port, use: 'Prometheus', flag: '--prometheus-port' }]
      await expect(assertPortsFree(needed)).rejects.toThrow(
        new RegExp(`^port ${port} \\(Prometheus\\) is taken on 127.0.0.1: .* --prometheus-port$`),
      )
    } finally {
      server.close()
    }
  })
})

describe('control', () => {
  test("is not allowed on somebody else's cluster unless it is said", () => {
    const redis = ['--redis', 'redis://10.0.0.1:6379']
    expect(parseOptions(redis).allowControl).toBe(false)
    expect(parseOptions([...redis, '--allow-control']).allowControl).toBe(true)
  })

  test('of the demo cluster is with every scope there is', () => {
    expect(ALL_SCOPES).toEqual(SCOPES)
  })
})

test("Prometheus reads one job from the exporter's list", () => {
  const config = prometheusConfig({
    exporterUrl: 'http://127.0.0.1:9121',
    alertmanager: '127.0.0.1:9093',
    ruleFiles: ['/repo/alerts/rules/*.yml'],
  })
  expect(parse(config)).toEqual({
    global: { scrape_interval: '5s', scrape_timeout: '4s', evaluation_interval: '5s' },
    rule_files: ['/repo/alerts/rules/*.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:9093'] }] }] },
    scrape_configs: [
      {
        job_name: 'slotwise',
        honor_labels: true,
        http_sd_configs: [{ url: 'http://127.0.0.1:9121/sd', refresh_interval: '5s' }],
      },
    ],
  })
})

test("Alertmanager's webhooks all come to this machine, the rest of its configuration stays", () => {
  const source = `
route: { receiver: pager }
receivers:
  - name: pager
    webhook_configs:
      - { url: 'https://pager.example/', send_resolved: true }
      - { url_file: /etc/secret }
  - name: nobody
  - name: slotwise
    webhook_configs:
      - url: http://slotwise:8121/api/v1/alerts
        max_alerts: 500
        http_config: { authorization: { credentials_file: /run/token } }
`
  const others = {
    route: { receiver: 'pager' },
    receivers: [
      {
        name: 'pager',
        webhook_configs: [
          { url: 'http://127.0.0.1:1/', send_resolved: true },
          { url: 'http://127.0.0.1:1/' },
        ],
      },
      { name: 'nobody' },
    ],
  }
  const local = (slotwise?: { url: string; tokenFile: string }) =>
    parse(localAlertmanagerConfig(source, 'http://127.0.0.1:1/', slotwise)) as typeof others
  expect(local()).toEqual({ ...others, receivers: [...others.receivers, { name: 'slotwise' }] })
  expect(local({ url: 'http://127.0.0.1:2/', tokenFile: '/tmp/t' }).receivers.at(-1)).toEqual({
    name: 'slotwise',
    webhook_configs: [
      {
        url: 'http://127.0.0.1:2/',
        max_alerts: 500,
        http_config: { authorization: { credentials_file: '/tmp/t' } },
      },
    ],
  })
  expect(() => localAlertmanagerConfig('route: {}', '')).toThrow('no receivers')
})

test('a page is one readable line an alert, a heartbeat none', () => {
  const alert = (labels: Record<string, string>, status: 'firing' | 'resolved', summary?: string) => ({
    status,
    labels,
    annotations: summary === undefined ? {} : { summary },
    startsAt: '2026-01-02T03:04:05Z',
    endsAt: '',
    generatorURL: '',
    fingerprint: '',
  })
  const delivery = {
    receiver: 'pager',
    alerts: [
      alert(
        { alertname: 'RedisNodeDown', severity: 'page' },
        'firing',
        'Redis node 127.0.0.1:7005 does not answer',
      ),
      alert({ alertname: 'RedisClusterDown', severity: 'page' }, 'resolved'),
      alert({ alertname: 'Watchdog', severity: 'none' }, 'firing'),
    ],
  } as AlertmanagerWebhook
  const since = new Date('2026-01-02T03:04:05Z').toTimeString().slice(0, 8)
  expect(deliveryLines(delivery)).toEqual([
    `page      RedisNodeDown: Redis node 127.0.0.1:7005 does not answer (since ${since}, to pager)`,
    `resolved  RedisClusterDown: alertname=RedisClusterDown severity=page (since ${since}, to pager)`,
  ])
})

describe('the folder of a run', () => {
  let parent: string
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'slotwise-run-'))
  })
  afterEach(() => rmSync(parent, { recursive: true, force: true }))

  test('takes with it what a killed run left, not what a living one has', () => {
    const dead = 2 ** 22 + 1 // above the highest pid of Linux
    for (const name of [String(dead), String(process.ppid), 'notes']) mkdirSync(join(parent, name))
    writeFileSync(join(parent, String(dead), 'redis.log'), '')
    removeDeadRunFolders(parent)
    const folder = makeRunFolder(parent)
    expect(readdirSync(parent).sort()).toEqual([String(process.pid), String(process.ppid), 'notes'].sort())
    removeRunFolder(parent, folder)
    expect(existsSync(folder)).toBe(false)
    expect(existsSync(parent)).toBe(true)
  })

  test('takes the parent with it when it was the last', () => {
    removeRunFolder(parent, makeRunFolder(parent))
    expect(existsSync(parent)).toBe(false)
  })
})

describe('the keys of the demo', () => {
  test('are as many as it says, of every type, part of them expiring', () => {
    const commands = [...demoKeys()]
    expect(new Set(commands.map(([, key]) => key)).size).toBe(ALL_KEYS)
    const names = new Set(commands.map(([name]) => name))
    expect([...names].sort()).toEqual(['EXPIRE', 'HSET', 'RPUSH', 'SADD', 'SET', 'XADD', 'ZADD'])
    const expiring = commands.filter((command) => command.includes('EX') || command[0] === 'EXPIRE')
    expect(expiring).toHaveLength(80_000)
    expect(commands.every(([, key]) => !key.includes('{'))).toBe(true)
  })

  test('go to the slot that the cluster specification says', () => {
    expect(slotOf('123456789')).toBe(0x31c3)
    expect(slotOf('')).toBe(0)
  })

  test('in the sample file are lines that a warmup takes', () => {
    const lines = sampleFile().trimEnd().split('\n')
    expect(lines).toHaveLength(20_000)
    expect(JSON.parse(lines[0]!)).toEqual({
      key: 'catalogue:0',
      type: 'set',
      value: ['colour-0 0', 'colour-0 1', 'colour-0 2'],
      ttl: 7200,
    })
    expect(JSON.parse(lines[1]!)).toEqual({
      key: 'catalogue:1',
      type: 'hash',
      value: { title: 'article 1', price: '101' },
    })
  })
})

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
