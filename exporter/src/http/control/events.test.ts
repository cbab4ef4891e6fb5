import { describe, expect, it } from 'vitest'
import { LogUnavailable } from '../../events/log.js'
import { planOf } from '../../../test/fakes.js'
import { brief, failover, useEventApi } from '../../../test/event-api.js'

const api = useEventApi()
const { start, fill, page } = api

describe('pages of events', () => {
  it('show a token what belongs to its clusters and to their operations', async () => {
    await start()
    await fill()
    const { events, more } = await page('', 'all')
    expect(events).toHaveLength(10)
    expect(more).toBe(false)
    expect(brief((await page('', 'demo')).events)).toEqual([
      'cluster/demo cluster.failover',
      'operation/p1 plan.requested',
      'operation/p1 plan.ready',
      'admission/demo admission.released',
    ])
    expect((await page('?stream=control', 'demo')).events).toEqual([])
    expect((await page('?cluster=other', 'all')).events).toHaveLength(4)
    expect(await api.control.ask('GET', '/api/v1/events?cluster=other', { token: 'demo' })).toMatchObject({
      status: 404,
    })
  })

  it("show the sample of a plan to who holds the kind's scope", async () => {
    await start()
    await fill()
    api.control.operations.plans.set('p1', planOf('p1', 'demo'))
    const sample = async (token: string) =>
      (await page('?type=plan.ready&stream=operation/p1', token)).events.map(
        ({ data }) => (data as { body: { sample: unknown[] } }).body.sample.length,
      )
    expect([await sample('demo'), await sample('demoPolicy')]).toEqual([[0], [1]])
  })

  it.each(['all', 'demo'])('lead from one to the next without gaps or doubles (%s)', async (token) => {
    await start()
    for (let i = 0; i < 25; i++)
      await api.control.log.append([failover('demo', `s${i}`), failover('other', `s${i}`)])
    const seen: unknown[] = []
    let after = ''
    for (let more = true; more;) {
      const read = await page(`?stream=cluster/&limit=7${after && `&after=${after}`}`, token)
      expect(read.events.length).toBeLessThanOrEqual(7)
      seen.push(...read.events.map(({ id }) => id))
      ;({ next: after, more } = read)
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toHaveLength(token === 'all' ? 50 : 25)
  })

  it.each(['all', 'demo'])('lead from the newest back to the first (%s)', async (token) => {
    await start()
    for (let i = 0; i < 10; i++)
      await api.control.log.append([failover('demo', `s${i}`), failover('other', `s${i}`)])
    const seen: string[] = []
    let after = ''
    for (let more = true; more;) {
      const read = await page(`?order=newest&limit=4${after && `&after=${after}`}`, token)
      seen.push(...read.events.map(({ id }) => id))
      ;({ next: after, more } = read)
    }
    const oldestFirst = await page('', token)
    expect(seen).toEqual(oldestFirst.events.map(({ id }) => id).toReversed())
    expect((await page('?without=cluster.failover', token)).events).toEqual([])
  })

  it('backup: for nobody who may not see all of it', async () => {
    await start()
    await fill()
    const backup = async (token: string) => {
      const { status, body, text } = await api.control.ask('GET', '/api/v1/events/backup', { token })
      return status === 200 ? text.includes('plan.ready') : [status, body.type]
    }
    expect(await backup('all')).toBe(true)
    expect(await backup('demoAdmin')).toEqual([403, 'urn:slotwise:problem:limited-token'])
    expect(await backup('someKeys')).toEqual([403, 'urn:slotwise:problem:limited-keys'])
  })

  it('backup: says that the log is away, and where it broke off why', async () => {
    await start()
    await fill()
    const backup = () => api.control.ask('GET', '/api/v1/events/backup', { token: 'all' })
    const read = api.control.log.read.bind(api.control.log)
    api.control.log.read = () => Promise.reject(new LogUnavailable('the log hangs'))
    expect(await backup()).toMatchObject({
      status: 503,
      body: {
        type: 'urn:slotwise:problem:log-unavailable',
        detail: expect.stringMatching(/^the log hangs/) as string,
      },
    })
    expect(api.control.warnings).toEqual([])
    // What is asked for behind the head.
    api.control.log.read = (options) =>
      options?.after === undefined ? read(options) : Promise.reject(new LogUnavailable('the log hangs'))
    await expect(backup()).rejects.toThrow()
    expect(api.control.warnings).toEqual(['a backup broke off: the log hangs'])
  })

  it('verify: once at a time, whatever anchors are asked for, and only so often', async () => {
    await start()
    await fill()
    let [underWay, most] = [0, 0]
    const verifyAll = api.control.log.verifyAll.bind(api.control.log)
    api.control.log.verifyAll = async (anchors) => {
      most = Math.max(most, ++underWay)
      await new Promise(setImmediate)
      return verifyAll(anchors).finally(() => underWay--)
    }
    const ask = async (_: unknown, i: number) =>
      (await api.control.ask('GET', `/api/v1/events/verify?anchor=${i}`, { token: 'all' })).status
    const statuses = await Promise.all(Array.from({ length: 10 }, ask))
    expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 200, 200, 429, 429, 429, 429])
    expect(most).toBe(1)
    expect((await api.control.ask('GET', '/api/v1/events/verify', { token: 'demo' })).status).toBe(200)
  })

  it('are read two at a time, however many ask', async () => {
    await start()
    await fill()
    const read = api.control.log.read.bind(api.control.log)
    let [underWay, most] = [0, 0]
    api.control.log.read = async (options) => {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setImmediate(resolve))
      return read(options).finally(() => underWay--)
    }
    const pages = await Promise.all(Array.from({ length: 50 }, () => page('', 'all')))
    expect(pages.every(({ events }) => events.length === 10)).toBe(true)
    expect(most).toBeLessThanOrEqual(2)
  })

  it('verify: a limited token learns whether, not where', async () => {
    await start()
    await fill()
    const verify = async (token: string, query = '') =>
      (await api.control.ask('GET', `/api/v1/events/verify${query}`, { token })).body
    expect(await verify('all')).toMatchObject({ ok: true, events: 10, problems: [] })
    expect(await verify('demo')).toEqual({
      ok: true,
      anchor: expect.any(String) as string,
      problems: [],
      unproven: [],
    })
    const [all, demo] = await Promise.all(['all', 'demo'].map((token) => verify(token, '?anchor=none')))
    expect(all).toMatchObject({ ok: false })
    expect(demo).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/^1 problem; a token for all/)],
    })
  })
})
