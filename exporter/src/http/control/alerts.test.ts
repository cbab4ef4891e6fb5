import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertList, alertReceipt } from '../../contract/alerts.js'
import { startTestControl, type TestControl } from '../../../test/control.js'

let control: TestControl
beforeEach(async () => {
  control = await startTestControl({
    alertmanager: { scopes: ['alerts'] },
    'alertmanager-demo': { scopes: ['alerts'], clusters: ['demo'] },
    'alertmanager-other': { scopes: ['alerts'], clusters: ['other'] },
    reader: { scopes: ['read'] },
    'reader-demo': { scopes: ['read'], clusters: ['demo'] },
  })
})
afterEach(() => control.stop())

const alert = (fingerprint: string, labels: object, status = 'firing') => ({
  status,
  labels: { alertname: 'RedisNodeDown', ...labels },
  annotations: { summary: 'it does not answer' },
  startsAt: '2026-11-22T11:59:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  fingerprint,
})
const post = (token: string, ...alerts: object[]) =>
  control.ask('POST', '/api/v1/alerts', { token, body: { version: '4', status: 'firing', alerts } })
const firing = async (token: string, query = '') =>
  alertList
    .parse((await control.ask('GET', `/api/v1/alerts${query}`, { token })).body)
    .alerts.map(({ fingerprint }) => fingerprint)

const demo = alert('d', { redis_cluster: 'demo' })
const other = alert('e', { redis_cluster: 'other' })
const none = alert('f', {})

describe('/alerts', () => {
  it('takes notifications from who holds the scope, and says who told', async () => {
    const answer = await post('alertmanager', demo, other, none)
    expect(answer.status).toBe(200)
    expect(alertReceipt.parse(answer.body)).toEqual({ recorded: 3, repeated: 0, ignored: 0 })
    expect(await control.log.readStream('alerts/demo')).toMatchObject([
      { type: 'io.slotwise.alert.fired', data: { by: { token: 'alertmanager' } } },
    ])
    expect(await post('reader', demo)).toMatchObject({ status: 403, body: { scope: 'alerts' } })
    expect(await control.ask('GET', '/api/v1/alerts', { token: 'alertmanager' })).toMatchObject({
      status: 403,
    })
  })

  it('shows a token the alerts of its clusters, and to none with a limit those of no cluster', async () => {
    await post('alertmanager', demo, other, none)
    expect(await firing('reader')).toEqual(['d', 'e', 'f'])
    expect(await firing('reader-demo')).toEqual(['d'])
    expect(await firing('reader', '?cluster=other')).toEqual(['e'])
    expect((await control.ask('GET', '/api/v1/alerts?cluster=other', { token: 'reader-demo' })).status).toBe(
      404,
    )
    const events = await control.ask('GET', '/api/v1/events?stream=alerts/', { token: 'reader-demo' })
    expect(events.body).toMatchObject({ events: [{ subject: 'alerts/demo' }] })
    expect((events.body.events as unknown[]).length).toBe(1)
  })

  it('takes from a token with a limit only what is about its clusters', async () => {
    expect((await post('alertmanager-demo', demo, other, none)).body).toEqual({
      recorded: 1,
      repeated: 0,
      ignored: 2,
    })
    await post('alertmanager', other)
    await post('alertmanager-demo', { ...other, status: 'resolved' })
    expect(await firing('reader')).toEqual(['d', 'e'])
  })

  it('lets a token with a limit push out nothing of another cluster, and answers 503 to more than it records', async () => {
    await post('alertmanager', other)
    const flood = Array.from({ length: 2500 }, (_, i) => alert(i.toString(16), { redis_cluster: 'demo' }))
    expect(await post('alertmanager-demo', ...flood)).toMatchObject({
      status: 503,
      body: { type: 'urn:slotwise:problem:too-many-alerts', recorded: 2000, leftOut: 500 },
    })
    expect(control.log.rows).toHaveLength(2001)
    expect(await firing('reader', '?cluster=other')).toEqual(['e'])
    await control.control.close()
    expect(await control.log.readStream('access/test')).toMatchObject([
      { data: { token: 'alertmanager-demo', path: '/api/v1/alerts', status: 503, count: 1 } },
    ])
  })

  it('tells how many alerts of the clusters that a token sees were dropped', async () => {
    const all = Array.from({ length: 2001 }, (_, i) => alert(i.toString(16), { redis_cluster: 'other' }))
    await post('alertmanager', ...all.slice(0, 1000))
    await post('alertmanager-other', ...all.slice(1000))
    const droppedFor = async (token: string) =>
      alertList.parse((await control.ask('GET', '/api/v1/alerts', { token })).body).dropped
    expect(await droppedFor('reader')).toBe(1)
    expect(await droppedFor('reader-demo')).toBe(0)
  })

  it('answers 503 while the log takes nothing, so that Alertmanager tries again', async () => {
    control.log.unavailable = 'the disk is full'
    const refused = await post('alertmanager', demo)
    expect(refused).toMatchObject({ status: 503, body: { type: 'urn:slotwise:problem:log-unavailable' } })
    expect(refused.headers['retry-after']).toBeDefined()
    control.log.unavailable = undefined
    expect((await post('alertmanager', demo)).status).toBe(200)
    expect(await firing('reader')).toEqual(['d'])
  })

  it.each([
    ['another version', { version: '1', alerts: [demo] }],
    ['no alerts', { version: '4' }],
    ['labels that are no texts', { version: '4', alerts: [{ ...demo, labels: { a: 1 } }] }],
    ['an unknown status', { version: '4', alerts: [{ ...demo, status: 'pending' }] }],
    ['no time', { version: '4', alerts: [{ ...demo, startsAt: 'yesterday' }] }],
  ])('refuses a notification with %s', async (_, body) => {
    const answer = await control.ask('POST', '/api/v1/alerts', { token: 'alertmanager', body })
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:slotwise:problem:invalid-body' } })
    expect(control.log.rows).toEqual([])
  })
})

describe('the limit of writes', () => {
  it('does not hold for alerts: Alertmanager does not send again what was answered with 429', async () => {
    await control.stop()
    control = await startTestControl(
      { me: { scopes: ['alerts', 'plan', 'policy'] } },
      { limits: { writes: 1 } },
    )
    const plan = { token: 'me', body: { kind: 'eviction-policy', spec: { policy: 'allkeys-lru' } } }
    const asked = async () => (await control.ask('POST', '/api/v1/clusters/demo/plans', plan)).status
    for (let i = 0; i < 3; i++) expect((await post('me', demo)).status).toBe(200)
    expect(await asked()).toBe(202)
    expect(await asked()).toBe(429)
    expect((await post('me', demo)).status).toBe(200)
  })
})
