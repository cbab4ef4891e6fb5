import { describe, expect, it } from 'vitest'
import { alertNotification } from '../../contract/alerts.js'
import { VersionConflict } from '../../events/log.js'
import { MemoryLog } from '../../../test/memory-log.js'
import { Alerting } from './alerting.js'

const START = Date.parse('2026-11-22T12:00:00Z')
const HOUR = 3_600_000
const EVERYBODY = { by: { token: 'alertmanager' }, mayTell: () => true }

interface Told {
  readonly status?: 'firing' | 'resolved'
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
  readonly startsAt?: string
  readonly fingerprint?: string
}

/** A notification as Alertmanager 0.25 sends it. */
const notification = (...alerts: Told[]) =>
  alertNotification.parse({
    receiver: 'slotwise',
    status: 'firing',
    alerts: alerts.map((alert) => ({
      status: 'firing',
      labels: {
        alertname: 'RedisNodeDown',
        redis_cluster: 'demo',
        shard: 's1',
        instance: 'a:1',
        severity: 'page',
      },
      annotations: { summary: 'a:1 does not answer', runbook_url: 'https://example.org/RedisNodeDown' },
      startsAt: '2026-11-22T11:59:00.123Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus/graph',
      fingerprint: 'abc1',
      ...alert,
    })),
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager',
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    notification_reason: 'unknown to 0.25',
  })

function setup() {
  let now = START
  const log = new MemoryLog()
  const make = (more: Partial<ConstructorParameters<typeof Alerting>[0]> = {}) =>
    new Alerting({
      log,
      clusters: ['demo', 'other'],
      clusterLabel: 'redis_cluster',
      expireMs: 5 * HOUR,
      now: () => new Date(now),
      onWarning: () => undefined,
      ...more,
    })
  return {
    log,
    make,
    alerting: make(),
    wait: (ms: number) => (now += ms),
    types: () => log.rows.map(({ stream, type }) => `${stream} ${type.replace('io.slotwise.', '')}`),
  }
}

describe('Alerting', () => {
  it('records an alert once, however often it is told, and forgets it when it is over', async () => {
    const { alerting, types } = setup()
    expect(await alerting.record(notification({}), EVERYBODY)).toEqual({
      recorded: 1,
      repeated: 0,
      ignored: 0,
    })
    expect(await alerting.record(notification({}), EVERYBODY)).toEqual({
      recorded: 0,
      repeated: 1,
      ignored: 0,
    })
    expect((await alerting.firing()).alerts).toEqual([
      {
        cluster: 'demo',
        fingerprint: 'abc1',
        name: 'RedisNodeDown',
        severity: 'page',
        shard: 's1',
        node: 'a:1',
        summary: 'a:1 does not answer',
        runbook: 'https://example.org/RedisNodeDown',
        labels: notification({}).alerts[0]!.labels,
        startsAt: '2026-11-22T11:59:00.123Z',
        toldAt: new Date(START).toISOString(),
      },
    ])
    await alerting.record(notification({ status: 'resolved' }), EVERYBODY)
    await alerting.record(notification({ status: 'resolved' }), EVERYBODY)
    expect((await alerting.firing()).alerts).toEqual([])
    expect(types()).toEqual(['alerts/demo alert.fired', 'alerts/demo alert.resolved'])
  })

  it('records an alert that begins anew', async () => {
    const { alerting, types } = setup()
    await alerting.record(notification({}), EVERYBODY)
    await alerting.record(notification({ startsAt: '2026-11-22T12:30:00Z' }), EVERYBODY)
    expect(types()).toHaveLength(2)
    expect((await alerting.firing()).alerts).toMatchObject([{ startsAt: '2026-11-22T12:30:00Z' }])
  })

  it('records at most one repeat in half of the time to expire, and lets go of what is not told again', async () => {
    const { alerting, log, types, wait } = setup()
    for (let minute = 0; minute <= 240; minute++) {
      await alerting.record(notification({}), EVERYBODY)
      wait(60_000)
    }
    expect(types()).toHaveLength(2)
    expect(JSON.parse(log.rows[1]!.data)).toMatchObject({ repeated: true })
    expect((await alerting.firing()).alerts).toHaveLength(1)
    wait(5 * HOUR)
    expect((await alerting.firing()).alerts).toEqual([])
    await alerting.record(notification({ status: 'resolved' }), EVERYBODY)
    expect(types()).toHaveLength(2)
    await alerting.record(notification({}), EVERYBODY)
    expect(JSON.parse(log.rows[2]!.data)).toMatchObject({ repeated: false })
  })

  it('keeps alerts of no configured cluster apart, and ignores what the sender may not tell', async () => {
    const { alerting, types } = setup()
    const told = notification(
      { fingerprint: '1', labels: { alertname: 'A', redis_cluster: 'demo' } },
      { fingerprint: '2', labels: { alertname: 'B', redis_cluster: 'elsewhere' } },
      { fingerprint: '3', labels: { alertname: 'C' } },
    )
    const mayTell = (cluster: string | undefined) => cluster === 'demo'
    const limited = { ...EVERYBODY, mayTell }
    expect(await alerting.record(told, limited)).toEqual({ recorded: 1, repeated: 0, ignored: 2 })
    expect(await alerting.record(told, EVERYBODY)).toEqual({ recorded: 2, repeated: 1, ignored: 0 })
    expect(types()).toEqual(['alerts/demo alert.fired', 'alerts/- alert.fired', 'alerts/- alert.fired'])
    expect((await alerting.firing()).alerts.map(({ name, cluster }) => [name, cluster])).toEqual([
      ['A', 'demo'],
      ['B', undefined],
      ['C', undefined],
    ])
  })

  it('bounds what one alert may put into the log', async () => {
    const { alerting, log } = setup()
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`label${i}`, 'x'.repeat(100)]))
    await alerting.record(
      notification({
        labels: { alertname: 'x'.repeat(100_000), ...many },
        annotations: { summary: 'y\u001b[2J'.repeat(100_000) },
      }),
      EVERYBODY,
    )
    const [row] = log.rows
    expect(row!.data.length).toBeLessThan(20_000)
    expect(row!.data).toContain('y [2J')
    expect(row!.data).not.toContain('u001b')
  })

  /** Alerts of a cluster with these fingerprints. */
  const many = (cluster: string, first: number, count: number) =>
    notification(
      ...Array.from({ length: count }, (_, i) => ({
        fingerprint: (first + i).toString(16),
        labels: { alertname: 'A', redis_cluster: cluster },
      })),
    )

  it('keeps no more than 2000 firing alerts of a cluster, counts the others, and drops none of another cluster', async () => {
    const { alerting, make, wait } = setup()
    await alerting.record(many('other', 1, 1), EVERYBODY)
    await alerting.record(many('demo', 1, 1900), { ...EVERYBODY, by: { token: 'of demo' } })
    wait(HOUR)
    await alerting.record(many('demo', 1901, 200), { ...EVERYBODY, by: { token: 'of demo' } })
    const { alerts, dropped } = await alerting.firing()
    const of = (name: string) => alerts.filter(({ cluster }) => cluster === name)
    expect(of('other')).toHaveLength(1)
    expect(of('demo')).toHaveLength(2000)
    expect(of('demo').some(({ fingerprint }) => fingerprint === '1')).toBe(false)
    expect(dropped).toEqual(new Map([['demo', 100]]))
    await alerting.snapshot()
    expect((await make().firing()).dropped).toEqual(dropped)
    // By now they would count for nothing.
    wait(4 * HOUR)
    expect((await alerting.firing()).dropped).toEqual(new Map())
  })

  it('records only so many alerts of a token that fire anew, and what is left out when it comes again', async () => {
    const { alerting, log, wait } = setup()
    const told = many('demo', 1, 2300)
    const refused = { receipt: { recorded: 2000, repeated: 0, ignored: 0 }, leftOut: 300 }
    await expect(alerting.record(told, EVERYBODY)).rejects.toMatchObject(refused)
    expect(log.rows).toHaveLength(2000)
    await expect(alerting.record(told, EVERYBODY)).rejects.toMatchObject({ leftOut: 300 })
    expect(log.rows).toHaveLength(2000)
    // Another token has its own room, and what is over needs none.
    await alerting.record(notification({ fingerprint: 'ffff' }), { ...EVERYBODY, by: { token: 'another' } })
    expect(
      await alerting.record(notification({ fingerprint: '2', status: 'resolved' }), EVERYBODY),
    ).toMatchObject({ recorded: 1 })
    wait(90_000)
    const rest = many('demo', 2001, 300)
    expect(await alerting.record(rest, EVERYBODY)).toMatchObject({ recorded: 300 })
  })

  it('counts a long alert as several', async () => {
    const { alerting, log } = setup()
    const long = Array.from({ length: 1500 }, (_, i) => ({
      fingerprint: i.toString(16),
      annotations: {
        description: 'x'.repeat(1900),
        summary: 'y'.repeat(1900),
        runbook_url: 'z'.repeat(1900),
      },
    }))
    await expect(alerting.record(notification(...long), EVERYBODY)).rejects.toMatchObject({
      receipt: { recorded: 1000 },
      leftOut: 500,
    })
    expect(log.rows).toHaveLength(1000)
  })

  it('goes on from the snapshot of another process where what it did not see was trimmed', async () => {
    const { alerting, make, log } = setup()
    const other = make()
    expect((await other.firing()).alerts).toEqual([])
    await alerting.record(notification({}), EVERYBODY)
    await alerting.snapshot()
    expect((await log.trim('9999-01-01T00:00:00Z')).events).toBe(1)
    expect((await other.firing()).alerts).toEqual((await alerting.firing()).alerts)
    expect((await other.firing()).alerts).toHaveLength(1)
  })

  it('goes on from a snapshot, which says what the events say', async () => {
    const { alerting, log, make } = setup()
    await alerting.record(notification({ fingerprint: '1' }), EVERYBODY)
    await alerting.snapshot()
    await alerting.record(notification({ fingerprint: '2' }), EVERYBODY)
    const position = (await log.loadSnapshot('alerts', 2))?.position
    expect(position).toBe('1')
    const later = make()
    expect(await later.firing()).toEqual(await alerting.firing())
    expect(await later.record(notification({ fingerprint: '1' }), EVERYBODY)).toMatchObject({ repeated: 1 })
    await later.snapshot()
    expect((await log.loadSnapshot('alerts', 2))?.position).toBe('2')
  })

  it('agrees with another process on what was recorded', async () => {
    const { alerting, make, types } = setup()
    const other = make()
    await Promise.all([
      alerting.record(notification({}), EVERYBODY),
      other.record(notification({}), EVERYBODY),
      alerting.record(notification({ fingerprint: 'f2' }), EVERYBODY),
      other.record(notification({ fingerprint: 'f3' }), EVERYBODY),
    ])
    expect(types()).toHaveLength(3)
    expect(await alerting.firing()).toEqual(await other.firing())
  })

  it('fails while the log takes nothing, and records the same notification afterwards', async () => {
    const { alerting, log, types } = setup()
    log.unavailable = 'the disk is full'
    await expect(alerting.record(notification({}), EVERYBODY)).rejects.toThrow('the disk is full')
    log.unavailable = undefined
    expect(await alerting.record(notification({}), EVERYBODY)).toMatchObject({ recorded: 1 })
    expect(types()).toHaveLength(1)
  })

  it('gives up where others always come first', async () => {
    const { log, make } = setup()
    log.append = () => Promise.reject(new VersionConflict('alerts/demo', 0, 1))
    const busy = make()
    await expect(busy.record(notification({}), EVERYBODY)).rejects.toThrow('not recorded')
  })
})
