import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { fakeKind, world, type World } from '../../../test/engine.js'
import { MemoryLog } from '../../../test/memory-log.js'

/** What the API does, with the engine behind it, when somebody runs a plan that is not theirs, or not as it was seen. */
let control: TestControl
let behind: World
beforeEach(async () => {
  const log = new MemoryLog()
  behind = await world(log, [fakeKind()])
  control = await startTestControl(
    {
      root: { scopes: ['read', 'plan', 'run', 'policy', 'override'] },
      demo: { scopes: ['read', 'plan', 'run', 'policy'], clusters: ['demo'] },
      planner: { scopes: ['read', 'plan', 'policy'] },
    },
    { log, operations: behind.engine, clock: () => behind.clock.now.getTime() },
  )
})
afterEach(async () => {
  await control.stop()
  await behind.engine.stop()
})

async function planned(cluster = 'demo', token = 'root'): Promise<{ id: string; hash: string }> {
  const path = `/api/v1/clusters/${cluster}/plans`
  const asked = await control.ask('POST', path, { token, body: { kind: 'fake', spec: {} } })
  expect(asked.status, asked.text).toBe(202)
  const id = String(asked.body.id)
  await vi.waitFor(() => expect(behind.engine.getPlan(id)?.state).toBe('ready'), { timeout: 20_000 })
  return { id, hash: behind.engine.getPlan(id)!.hash! }
}

const run = async (id: string, body: object, { token = 'root', headers = {} } = {}) => {
  const given = { confirm: 'demo', reason: 'because', ...body }
  const answer = await control.ask('POST', `/api/v1/plans/${id}/run`, { token, body: given, headers })
  const { type = '' } = answer.body as { type?: string }
  return [answer.status, type.replace('urn:slotwise:problem:', '')]
}
const operations = () => behind.engine.listOperations().length

describe('a plan', () => {
  it('does not run with the hash of another, nor under the name of another cluster', async () => {
    const one = await planned()
    const other = await planned('other')
    const again = await planned()
    expect(await run(one.id, { hash: other.hash })).toEqual([409, 'wrong-hash'])
    expect(await run(other.id, { hash: one.hash, confirm: 'other' })).toEqual([409, 'wrong-hash'])
    expect(await run(other.id, { hash: other.hash })).toEqual([400, 'wrong-confirm'])
    expect(await run(one.id, { hash: one.hash.toUpperCase() + ' ' })).toEqual([409, 'wrong-hash'])
    expect(await run(again.id, { hash: `${again.hash}\u200b` })).toEqual([409, 'wrong-hash'])
    expect(operations()).toBe(0)
  })

  it('runs once, whoever replays the request', async () => {
    const { id, hash } = await planned()
    const answers = await Promise.all(Array.from({ length: 20 }, () => run(id, { hash })))
    expect(answers.filter(([status]) => status === 202)).toHaveLength(1)
    expect(answers.filter(([, code]) => code === 'already-run')).toHaveLength(19)
    expect(operations()).toBe(1)
  })

  it('answers the same request with the same operation, and an Idempotency-Key only for its plan', async () => {
    const one = await planned()
    const headers = { 'idempotency-key': 'change-7' }
    expect(await run(one.id, { hash: one.hash }, { headers })).toEqual([202, ''])
    expect(await run(one.id, { hash: one.hash }, { headers })).toEqual([202, ''])
    await vi.waitFor(() => expect(behind.engine.getOperation(one.id)?.endedAt).toBeDefined(), {
      timeout: 20_000,
    })
    const other = await planned()
    expect(await run(other.id, { hash: other.hash }, { headers })).toEqual([409, 'conflict'])
    expect(operations()).toBe(1)
  })

  it('cannot be run without the scope, from a token of another cluster, or after it expired', async () => {
    const { id, hash } = await planned('other')
    const body = { hash, confirm: 'other' }
    expect(await run(id, body, { token: 'planner' })).toEqual([403, 'missing-scope'])
    expect(await run(id, body, { token: 'demo' })).toEqual([404, 'unknown-plan'])
    behind.clock.now = new Date(behind.clock.now.getTime() + 16 * 60_000)
    expect(await run(id, body)).toEqual([409, 'not-ready'])
    expect(operations()).toBe(0)
  })

  it.each([
    ['__proto__', 404],
    ['constructor', 404],
    ['toString', 404],
    ['%2e%2e', 400],
    ['..%2f..', 400],
    ['x%00', 400],
  ])('that is called %s is none', async (id, status) => {
    expect((await run(id, { hash: 'x' }))[0]).toBe(status)
  })

  it('is not overridden by who lacks the scope, or by a name that it does not have', async () => {
    behind.state.blockers = [{ check: 'unreachable-node', reason: 'n1 does not answer', todo: 'look' }]
    const { id, hash } = await planned()
    expect((await run(id, { hash }))[0]).toBe(409)
    const override = ['unreachable-node']
    expect(await run(id, { hash, override }, { token: 'demo' })).toEqual([403, 'missing-scope'])
    expect((await run(id, { hash, override: ['*'] }))[0]).toBe(400)
    expect((await run(id, { hash, override: ['__proto__'] }))[0]).toBe(400)
    expect(operations()).toBe(0)
    expect(await run(id, { hash, override })).toEqual([202, ''])
  })
})

describe('a body', () => {
  const freeze = (raw: string | Buffer, headers = {}) =>
    control.ask('PUT', '/api/v1/freeze', { token: 'root', raw, headers })

  beforeEach(async () => {
    await control.stop()
    control = await startTestControl({ root: { scopes: ['admin'] } })
  })

  it.each([
    ['a member twice', '{"on":false,"reason":"a","on":true}', /on: .* more than once/],
    ['a member twice, once escaped', '{"on":false,"reason":"a","\\u006fn":true}', /on: .* more than once/],
    ['half a surrogate pair', '{"on":true,"reason":"\\ud800"}', /surrogate/],
    ['half a surrogate pair in a name', '{"on":true,"reason":"a","\\udc00":1}', /surrogate/],
    ['__proto__', '{"on":true,"reason":"a","__proto__":{"on":false}}', /__proto__: unknown member/],
    ['another prototype key', '{"on":true,"reason":"a","constructor":{}}', /constructor: unknown member/],
    ['control characters', '{"on":true,"reason":"a\\u001b[2J"}', /control characters/],
    ['nesting without end', `{"on":${'['.repeat(1000)}${']'.repeat(1000)}}`, /nested/],
    ['a number for a boolean', '{"on":1,"reason":"a"}', /on: /],
    ['a reason of blanks', '{"on":true,"reason":"  "}', /say why/],
    ['two documents', '{"on":true,"reason":"a"}{"on":false,"reason":"a"}', /not valid JSON/],
  ])('with %s is refused', async (_, raw, detail) => {
    const answer = await freeze(raw)
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:slotwise:problem:invalid-body' } })
    expect(answer.body.detail).toMatch(detail)
    expect(control.operations.asked).toEqual([])
  })

  it('may have one name in two objects, and braces and quotes in texts', async () => {
    expect((await freeze('{"on":true,"reason":"{\\"on\\":1,\\"on\\":2} [\\\\"}')).status).toBe(200)
    const asked = control.operations.asked.at(-1)
    expect(asked?.arguments[1]).toBe('{"on":1,"on":2} [\\')
  })

  it.each([
    ['text/plain', {}],
    ['application/json; charset=utf-16', {}],
    ['application/x-www-form-urlencoded', {}],
    ['multipart/form-data', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('as %s %j is 415', async (type, more) => {
    const answer = await freeze('{"on":true,"reason":"a"}', { 'content-type': type, ...more })
    expect(answer.status).toBe(415)
    expect(control.operations.asked).toEqual([])
  })

  it('of more than 1 MiB is 413, said in its length or not', async () => {
    const large = JSON.stringify({ on: true, reason: 'x'.repeat(1024 * 1024) })
    expect((await freeze(large)).status).toBe(413)
    const response = await fetch(`${control.url}/api/v1/freeze`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${control.tokens.root!}`, 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    })
    expect(response.status).toBe(413)
    expect(control.operations.asked).toEqual([])
  })
})
