import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { EventData } from '../../contract/events.js'
import { SCOPES } from '../../contract/tokens.js'
import { MemoryLog } from '../../../test/memory-log.js'
import { flood } from '../../../test/flood.js'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { NOW } from '../../../test/fakes.js'
import { Denials } from './denials.js'
import { makeToken } from './tokens.js'

let control: TestControl | undefined
afterEach(async () => {
  await control?.stop()
  control = undefined
})

const denied = async (log: MemoryLog) =>
  (await log.readStream('access/test')).map(({ data }) => data as EventData<'access.denied'>)

describe('Denials', () => {
  const make = () => {
    const log = new MemoryLog()
    const warnings: string[] = []
    let now = NOW
    const denials = new Denials({
      log,
      stream: 'access/test',
      clock: () => now,
      onWarning: (message) => warnings.push(message),
    })
    return { log, denials, warnings, advance: (ms: number) => (now += ms) }
  }
  const denial = { source: '10.0.0.1', method: 'GET', path: '/api/v1/whoami', status: 401 }

  it('counts a source, token, status and minute in one event', async () => {
    const { log, denials, advance } = make()
    for (let i = 0; i < 5; i++) denials.note(denial)
    denials.note({ ...denial, token: 'me', status: 403 })
    advance(60_000)
    denials.note(denial)
    await denials.close()
    expect(await denied(log)).toEqual([
      { ...denial, count: 5, since: new Date(NOW).toISOString() },
      { ...denial, token: 'me', status: 403, count: 1, since: new Date(NOW).toISOString() },
      { ...denial, count: 1, since: new Date(NOW + 60_000).toISOString() },
    ])
  })

  it('keeps a bounded number apart, whatever comes', async () => {
    const { log, denials } = make()
    for (let i = 0; i < 20_000; i++) denials.note({ ...denial, source: `10.0.${i >> 8}.${i & 255}` })
    await denials.close()
    const events = await denied(log)
    expect(events).toHaveLength(501)
    expect(events.at(-1)).toMatchObject({ source: '(others)', count: 19_500 })
  })

  it('keeps counting while the log takes nothing', async () => {
    const { log, denials, warnings } = make()
    log.unavailable = 'the disk is full'
    denials.note(denial)
    await denials.flush()
    expect(warnings).toEqual(['1 refused requests are not in the event log yet: the disk is full'])
    denials.note(denial)
    log.unavailable = undefined
    await denials.flush()
    expect((await denied(log)).reduce((sum, { count }) => sum + count, 0)).toBe(2)
  })
})

describe('refused requests', () => {
  it('2000 bad tokens make two events at most and stand in none', { timeout: 60_000 }, async () => {
    control = await startTestControl({ me: { scopes: SCOPES } }, { limits: { failures: 30 } })
    const { token } = makeToken()
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        flood(control!.port, {
          count: 100,
          tokenOf: (i) => `${token.slice(0, -5)}${String(100 * n + i).padStart(5, '0')}`,
        }),
      ),
    )
    const answers = statuses.flat()
    expect(answers).toHaveLength(2000)
    // How many get a 401 depends on how many come at once; never more than the limit.
    expect(answers.filter((status) => status === '401').length).toBeLessThanOrEqual(30)
    expect(answers.filter((status) => status !== '401' && status !== '429')).toEqual([])
    await control.control.close()
    const events = await denied(control.log)
    expect(events.length).toBeLessThanOrEqual(2)
    expect(events.reduce((sum, { count }) => sum + count, 0)).toBe(2000)
    expect(JSON.stringify([control.log.rows, control.warnings, control.errors])).not.toContain(
      token.slice(0, 20),
    )
  })

  it('are told with source, token and path; a token in the path or query is not', async () => {
    control = await startTestControl({ me: { scopes: ['read'], clusters: ['demo'] } })
    const secret = control.tokens.me!
    const get = (path: string, token?: string) =>
      control!.ask('GET', `/api/v1${path}`, token === undefined ? {} : { token })
    const answers = [
      await get('/clusters/other', 'me'),
      await get(`/clusters/${secret}?token=${secret}`, 'me'),
      await get(`/${secret}`, secret),
      await get('/whoami', `${secret}x`),
      await get(`/events?${secret}=1`, 'me'),
      await control.ask('PUT', '/api/v1/freeze', { token: 'me', body: { [secret]: 1 } }),
      await control.ask('POST', `/api/v1/operations/${secret}/pause`, { body: {} }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 400, 404, 401, 400, 403, 401])
    await control.control.close()
    expect(await denied(control.log)).toMatchObject([
      {
        source: '127.0.0.1',
        token: 'me',
        method: 'GET',
        path: '/api/v1/clusters/other',
        status: 404,
        count: 1,
      },
      { source: '127.0.0.1', path: '/api/v1/whoami', status: 401, count: 2 },
      { source: '127.0.0.1', token: 'me', method: 'PUT', status: 403, count: 1 },
    ])
    const said = [
      answers.map(({ text, headers }) => [text, headers]),
      control.log.rows,
      control.warnings,
      control.errors,
    ]
    expect(JSON.stringify(said)).not.toContain(secret)
  })
})

describe('a connection', () => {
  it('that asks again before it was answered is closed', async () => {
    control = await startTestControl({ me: { scopes: SCOPES } })
    const line = 'GET /api/v1/whoami HTTP/1.1\r\nhost: x\r\n\r\n'
    const socket = connect(control.port, '127.0.0.1')
    const told: string[] = []
    socket.setEncoding('latin1').on('data', (chunk) => told.push(chunk.toString()))
    const closed = new Promise((resolve) => socket.once('close', resolve).once('error', resolve))
    socket.write(line.repeat(500))
    await closed
    expect(told.join('').split('HTTP/1.1').length - 1).toBeLessThan(10)
    expect((await control.ask('GET', '/api/v1/whoami', { token: 'me' })).status).toBe(200)
  })
})
