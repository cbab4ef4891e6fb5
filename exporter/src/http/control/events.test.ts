import { get, type IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { planBody } from '../../contract/operations.js'
import type { StoredEvent } from '../../contract/events.js'
import { LogUnavailable } from '../../events/log.js'
import { SCOPES } from '../../contract/tokens.js'
import { writeFileSync } from 'node:fs'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { planOf } from '../../../test/fakes.js'

let control: TestControl
afterEach(() => control.stop())

const by = { token: 't' }
const failover = (cluster: string, shard: string) => ({
  stream: `cluster/${cluster}`,
  events: [{ type: 'cluster.failover' as const, data: { shard, from: 'a', to: 'b' } }],
})

/** A plan in demo that is ready, one in other, and what belongs to no cluster. */
async function fill() {
  for (const [id, cluster] of [
    ['p1', 'demo'],
    ['p2', 'other'],
  ] as const) {
    const plan = planOf(id, cluster)
    const body = planBody.strip().parse(plan)
    await control.log.append([
      failover(cluster, 's1'),
      {
        stream: `operation/${id}`,
        events: [
          { type: 'plan.requested', data: { kind: 'eviction-policy', cluster, spec: {}, by } },
          { type: 'plan.ready', data: { hash: plan.hash!, body, expiresAt: plan.expiresAt! } },
        ],
      },
      { stream: `admission/${cluster}`, events: [{ type: 'admission.released', data: { operation: id } }] },
    ])
  }
  await control.log.append([
    { stream: 'control', events: [{ type: 'freeze.changed', data: { on: true, reason: 'secret', by } }] },
  ])
  await control.log.digest()
}

const start = async (heartbeatMs = 15_000) => {
  control = await startTestControl(
    {
      all: { scopes: SCOPES },
      demo: { scopes: ['read'], clusters: ['demo'] },
      demoAdmin: { scopes: ['read', 'admin'], clusters: ['demo'] },
      someKeys: { scopes: ['read', 'admin'], keyPrefixes: ['app:'] },
      grafana: { scopes: ['read'], delegated: true },
      demoPolicy: { scopes: ['read', 'policy'], clusters: ['demo'] },
    },
    { heartbeatMs, limits: { streams: 2, allStreams: 6 } },
  )
}

const page = async (query: string, token: string) =>
  (await control.ask('GET', `/api/v1/events${query}`, { token })).body as unknown as {
    events: StoredEvent[]
    next: string
    more: boolean
  }
const brief = (events: readonly StoredEvent[]) =>
  events.map(({ subject, type }) => `${subject} ${type.slice(12)}`)

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
    expect(await control.ask('GET', '/api/v1/events?cluster=other', { token: 'demo' })).toMatchObject({
      status: 404,
    })
  })

  it("show the sample of a plan to who holds the kind's scope", async () => {
    await start()
    await fill()
    control.operations.plans.set('p1', planOf('p1', 'demo'))
    const sample = async (token: string) =>
      (await page('?type=plan.ready&stream=operation/p1', token)).events.map(
        ({ data }) => (data as { body: { sample: unknown[] } }).body.sample.length,
      )
    expect([await sample('demo'), await sample('demoPolicy')]).toEqual([[0], [1]])
  })

  it.each(['all', 'demo'])('lead from one to the next without gaps or doubles (%s)', async (token) => {
    await start()
    for (let i = 0; i < 25; i++)
      await control.log.append([failover('demo', `s${i}`), failover('other', `s${i}`)])
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
      await control.log.append([failover('demo', `s${i}`), failover('other', `s${i}`)])
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
      const { status, body, text } = await control.ask('GET', '/api/v1/events/backup', { token })
      return status === 200 ? text.includes('plan.ready') : [status, body.type]
    }
    expect(await backup('all')).toBe(true)
    expect(await backup('demoAdmin')).toEqual([403, 'urn:slotwise:problem:limited-token'])
    expect(await backup('someKeys')).toEqual([403, 'urn:slotwise:problem:limited-keys'])
  })

  it('backup: says that the log is away, and where it broke off why', async () => {
    await start()
    await fill()
    const backup = () => control.ask('GET', '/api/v1/events/backup', { token: 'all' })
    const read = control.log.read.bind(control.log)
    control.log.read = () => Promise.reject(new LogUnavailable('the log hangs'))
    expect(await backup()).toMatchObject({
      status: 503,
      body: {
        type: 'urn:slotwise:problem:log-unavailable',
        detail: expect.stringMatching(/^the log hangs/) as string,
      },
    })
    expect(control.warnings).toEqual([])
    // What is asked for behind the head.
    control.log.read = (options) =>
      options?.after === undefined ? read(options) : Promise.reject(new LogUnavailable('the log hangs'))
    await expect(backup()).rejects.toThrow()
    expect(control.warnings).toEqual(['a backup broke off: the log hangs'])
  })

  it('verify: once at a time, whatever anchors are asked for, and only so often', async () => {
    await start()
    await fill()
    let [underWay, most] = [0, 0]
    const verifyAll = control.log.verifyAll.bind(control.log)
    control.log.verifyAll = async (anchors) => {
      most = Math.max(most, ++underWay)
      await new Promise(setImmediate)
      return verifyAll(anchors).finally(() => underWay--)
    }
    const ask = async (_: unknown, i: number) =>
      (await control.ask('GET', `/api/v1/events/verify?anchor=${i}`, { token: 'all' })).status
    const statuses = await Promise.all(Array.from({ length: 10 }, ask))
    expect(statuses.toSorted()).toEqual([200, 200, 200, 200, 200, 200, 429, 429, 429, 429])
    expect(most).toBe(1)
    expect((await control.ask('GET', '/api/v1/events/verify', { token: 'demo' })).status).toBe(200)
  })

  it('are read two at a time, however many ask', async () => {
    await start()
    await fill()
    const read = control.log.read.bind(control.log)
    let [underWay, most] = [0, 0]
    control.log.read = async (options) => {
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
      (await control.ask('GET', `/api/v1/events/verify${query}`, { token })).body
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

interface Stream {
  readonly response: IncomingMessage
  readonly messages: { id?: string | undefined; event: StoredEvent; kind?: string }[]
  readonly comments: string[]
  readonly ended: Promise<void>
}

function open(token: string, query = '', headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sent = get(
      `${control.url}/api/v1/events/stream${query}`,
      { agent: false, headers: { authorization: `Bearer ${control.tokens[token]}`, ...headers } },
      (response) => {
        const messages: Stream['messages'] = []
        const comments: string[] = []
        const parser = createParser({
          onEvent: ({ id, event: kind, data }) =>
            messages.push({ id, event: JSON.parse(data) as StoredEvent, ...(kind && { kind }) }),
          onComment: (comment) => comments.push(comment),
        })
        response.setEncoding('utf8').on('data', (text: string) => parser.feed(text))
        const ended = new Promise<void>((end) => response.once('close', end))
        resolve({ response, messages, comments, ended })
      },
    )
    sent.on('error', reject)
  })
}

describe('the stream of events', () => {
  it('goes on after Last-Event-ID without gaps or doubles, and ends with the app', async () => {
    await start()
    await fill()
    const first = await open('all', '?after=0')
    await vi.waitFor(() => expect(first.messages).toHaveLength(10))
    const last = first.messages[3]!
    expect(last.id).toBe(last.event.position)
    first.response.destroy()
    const second = await open('all', '', { 'last-event-id': last.id! })
    await control.log.append([failover('demo', 's2')])
    await vi.waitFor(() => expect(second.messages).toHaveLength(7))
    const expected = await page(`?after=${last.id}`, 'all')
    expect(second.messages.map(({ event }) => event)).toEqual(expected.events)
    await control.control.close()
    await second.ended
    expect(second.response.complete).toBe(true)
  })

  it.each(['all', 'demo'])(
    'tells that events behind the place of a client were trimmed (%s)',
    async (token) => {
      await start()
      await fill()
      const [first] = (await page('', token)).events
      await control.log.saveSnapshot('test', 1, { position: await control.log.head(), state: {} })
      const { through } = await control.log.trim('9999-01-01T00:00:00Z')
      await control.log.append([failover('demo', 'left')])
      const { events, ...told } = await page(`?after=${first!.position}&stream=cluster/demo`, token)
      expect(told).toMatchObject({ more: false, trimmed: through })
      expect(brief(events)).toEqual(['cluster/demo cluster.failover'])
      for (const query of ['', `?after=${through}`, '?order=newest'])
        expect(await page(query, token)).not.toHaveProperty('trimmed')
      const stream = await open(token, '?stream=cluster/demo', { 'last-event-id': first!.position })
      await vi.waitFor(() => expect(stream.messages).toHaveLength(2))
      expect(stream.messages).toEqual([
        { id: through, kind: 'trimmed', event: { through } },
        { id: events[0]!.position, event: events[0] },
      ])
      const next = await open(token, '?stream=cluster/demo', { 'last-event-id': through! })
      await vi.waitFor(() => expect(next.messages).toHaveLength(1))
    },
  )

  it('goes on with what comes where the log is not as long any more', async () => {
    await start()
    await fill()
    const stream = await open('all', '', { 'last-event-id': '99999' })
    await vi.waitFor(() => expect(stream.comments).toContain('connected'))
    await control.log.append([failover('demo', 's2')])
    await vi.waitFor(() => expect(stream.messages).toHaveLength(1))
    stream.response.destroy()
  })

  it('begins with what comes, and shows a limited token its own', async () => {
    await start()
    await fill()
    const stream = await open('demo', '?type=cluster.failover')
    await control.log.append([failover('other', 'x'), failover('demo', 'y')])
    await fill()
    await vi.waitFor(() => expect(stream.messages).toHaveLength(2))
    expect(brief(stream.messages.map(({ event }) => event))).toEqual([
      'cluster/demo cluster.failover',
      'cluster/demo cluster.failover',
    ])
    stream.response.destroy()
  })

  it('shows that it lives while nothing happens', async () => {
    await start(5)
    const stream = await open('all')
    await vi.waitFor(() =>
      expect(stream.comments).toEqual(expect.arrayContaining(['connected', 'heartbeat'])),
    )
    stream.response.destroy()
  })

  it('ends when its token is taken away', async () => {
    await start(5)
    const stream = await open('all')
    writeFileSync(control.tokensFile, 'tokens: []\n')
    await stream.ended
    expect(stream.response.complete).toBe(true)
  })

  it('is limited in number, and a client that goes makes room', async () => {
    await start()
    const [one, two] = [await open('all'), await open('all')]
    const third = await open('all')
    expect(third.response.statusCode).toBe(429)
    expect((await open('demo')).response.statusCode).toBe(200)
    one.response.destroy()
    await vi.waitFor(async () => {
      const again = await open('all')
      again.response.destroy()
      expect(again.response.statusCode).toBe(200)
    })
    two.response.destroy()
  })

  it('is limited for each user of a delegated token, who share half of all', async () => {
    await start()
    const status = async (token: string, login: string) =>
      (await open(token, '', { 'x-grafana-context': JSON.stringify({ login }) })).response.statusCode
    const statuses: unknown[] = []
    for (const login of ['alice', 'alice', 'alice', 'bob', 'carol'])
      statuses.push(await status('grafana', login))
    expect(statuses).toEqual([200, 200, 429, 200, 429])
    expect(await status('all', 'alice')).toBe(200)
  })

  it.each(['x y', 'abc'])('refuses the Last-Event-ID %j', async (id) => {
    await start()
    const stream = await open('all', '', { 'last-event-id': id })
    expect(stream.response.statusCode).toBe(400)
    expect(stream.response.headers['content-type']).toBe('application/problem+json')
  })
})
