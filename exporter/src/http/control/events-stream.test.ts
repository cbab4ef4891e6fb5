import { get, type IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { describe, expect, it, vi } from 'vitest'
import { writeFileSync } from 'node:fs'
import type { StoredEvent } from '../../contract/events.js'
import { brief, failover, useEventApi } from '../../../test/event-api.js'

const api = useEventApi()
const { start, fill, page } = api

interface Stream {
  readonly response: IncomingMessage
  readonly messages: { id?: string | undefined; event: StoredEvent; kind?: string }[]
  readonly comments: string[]
  readonly ended: Promise<void>
}

function open(token: string, query = '', headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const sent = get(
      `${api.control.url}/api/v1/events/stream${query}`,
      { agent: false, headers: { authorization: `Bearer ${api.control.tokens[token]}`, ...headers } },
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
    await api.control.log.append([failover('demo', 's2')])
    await vi.waitFor(() => expect(second.messages).toHaveLength(7))
    const expected = await page(`?after=${last.id}`, 'all')
    expect(second.messages.map(({ event }) => event)).toEqual(expected.events)
    await api.control.control.close()
    await second.ended
    expect(second.response.complete).toBe(true)
  })

  it.each(['all', 'demo'])(
    'tells that events behind the place of a client were trimmed (%s)',
    async (token) => {
      await start()
      await fill()
      const [first] = (await page('', token)).events
      await api.control.log.saveSnapshot('test', 1, { position: await api.control.log.head(), state: {} })
      const { through } = await api.control.log.trim('9999-01-01T00:00:00Z')
      await api.control.log.append([failover('demo', 'left')])
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
    await api.control.log.append([failover('demo', 's2')])
    await vi.waitFor(() => expect(stream.messages).toHaveLength(1))
    stream.response.destroy()
  })

  it('begins with what comes, and shows a limited token its own', async () => {
    await start()
    await fill()
    const stream = await open('demo', '?type=cluster.failover')
    await api.control.log.append([failover('other', 'x'), failover('demo', 'y')])
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
    writeFileSync(api.control.tokensFile, 'tokens: []\n')
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
