import { describe, expect, it } from 'vitest'
import { startTestControl } from '../../../test/control.js'
import { planOf } from '../../../test/fakes.js'
import { SCOPES } from '../../contract/tokens.js'

describe('rate limits', () => {
  it('hold for each token by itself, for writes harder, and say when to try again', async () => {
    const limited = await startTestControl(
      { a: { scopes: SCOPES }, b: { scopes: SCOPES } },
      { limits: { requests: 5, writes: 2, failures: 3 } },
    )
    const statuses = async (times: number, method: string, path: string, token: string) => {
      const answers = []
      for (let i = 0; i < times; i++)
        answers.push(await limited.ask(method, `/api/v1${path}`, { token, body: {} }))
      return answers
    }
    const reads = await statuses(6, 'GET', '/whoami', 'a')
    const refused = await statuses(1, 'POST', '/clusters/nowhere/eviction/sample', 'b')
    const writes = await statuses(3, 'POST', '/clusters/demo/eviction/sample', 'b')
    const failures = await statuses(5, 'GET', '/whoami', 'sw_wrong')
    expect(reads.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    // What was refused used up none of them.
    expect(refused.map(({ status }) => status)).toEqual([404])
    expect(writes.map(({ status }) => status)).toEqual([202, 202, 429])
    expect(failures.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429])
    for (const { headers } of [reads[5]!, writes[2]!, failures[4]!])
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect((await limited.ask('GET', '/api/v1/whoami', { token: 'b' })).status).toBe(200)
    await limited.stop()
  })

  it('of other requests keep nobody from stopping something, which has its own', async () => {
    const limited = await startTestControl(
      { me: { scopes: SCOPES } },
      { limits: { requests: 2, writes: 1, stops: 4 } },
    )
    limited.operations.plans.set('p0', planOf('p0', 'demo'))
    limited.operations.start(planOf('p0', 'demo'), { token: 't' }, 'before')
    const status = async (method: string, path: string, body?: unknown) =>
      (await limited.ask(method, `/api/v1${path}`, { token: 'me', body })).status
    for (let i = 0; i < 4; i++) await status('POST', '/clusters/demo/plans', { kind: 'x' })
    expect(await status('GET', '/whoami')).toBe(429)
    expect(await status('POST', '/operations/p0/pause', {})).toBe(202)
    expect(await status('POST', '/plans/nothing/cancel', {})).toBe(404)
    expect(await status('PUT', '/freeze', { on: true, reason: 'incident' })).toBe(200)
    expect(await status('POST', '/operations/p0/cancel', {})).toBe(202)
    expect(await status('POST', '/operations/p0/cancel', {})).toBe(429)
    await limited.stop()
  })

  it('count each user of a delegated token, and of others only the token', async () => {
    const limited = await startTestControl(
      { grafana: { scopes: SCOPES, delegated: true }, me: { scopes: SCOPES } },
      { limits: { requests: 2 } },
    )
    const statuses = async (token: string, login: string) => {
      const headers = { 'x-grafana-context': JSON.stringify({ login }) }
      const answers = []
      for (let i = 0; i < 3; i++)
        answers.push((await limited.ask('GET', '/api/v1/whoami', { token, headers })).status)
      return answers
    }
    expect(await statuses('grafana', 'alice')).toEqual([200, 200, 429])
    expect(await statuses('grafana', 'bob')).toEqual([200, 200, 429])
    expect(await statuses('me', 'alice')).toEqual([200, 200, 429])
    expect(await statuses('me', 'bob')).toEqual([429, 429, 429])
    // Names are only claimed: all of them together have a limit, too.
    for (let i = 0; i < 17; i++) await statuses('grafana', `user ${i}`)
    expect(await statuses('grafana', 'carol')).toEqual([429, 429, 429])
    await limited.stop()
  })
})
