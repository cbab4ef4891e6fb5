import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { endpoints, type Endpoint, type EndpointName } from '../../contract/endpoints.js'
import { SCOPES, type Scope } from '../../contract/tokens.js'
import { OperationError } from '../../operations/operations.js'
import { LogUnavailable } from '../../events/log.js'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { NOW, planOf } from '../../../test/fakes.js'
import { prepare, requests } from '../../../test/good-requests.js'

const all = Object.entries(endpoints) as [EndpointName, Endpoint][]

/** The scopes that a call needs, the kind's included. */
function needs({ scope, kindScope }: Endpoint): Scope[] {
  return [...(scope ? [scope] : []), ...(kindScope ? (['policy'] as const) : [])]
}

let control: TestControl
const send = (name: EndpointName, token?: string) => {
  const [path, options] = requests[name]
  // A HEAD of a stream ends at once.
  const { method: verb, answer }: Endpoint = endpoints[name]
  const method = answer ? verb.toUpperCase() : 'HEAD'
  return control.ask(method, `/api/v1${path}`, { ...options, ...(token !== undefined && { token }) })
}

describe('the API with tokens', () => {
  beforeAll(async () => {
    control = await startTestControl({
      everything: { scopes: SCOPES },
      narrow: { scopes: SCOPES, clusters: ['other'] },
      grafana: { scopes: SCOPES, delegated: true },
      expired: { scopes: SCOPES, expires: new Date(NOW - 1).toISOString() },
      ...Object.fromEntries(SCOPES.map((scope) => [`only-${scope}`, { scopes: [scope] }])),
      ...Object.fromEntries(
        all.flatMap(([name, endpoint]) =>
          needs(endpoint).map((scope) => [
            `${name}-without-${scope}`,
            { scopes: SCOPES.filter((s) => s !== scope) },
          ]),
        ),
      ),
      ...Object.fromEntries(
        all.map(([name, endpoint]) => [`just-${name}`, { scopes: [...needs(endpoint), 'alerts' as const] }]),
      ),
    })
  })
  afterAll(() => control.stop())
  beforeEach(() => prepare(control))

  it.each(all)('%s answers as its schema says, with just the scopes it needs', async (name, endpoint) => {
    const answer = await send(name, `just-${name}`)
    expect(answer.status, answer.text).toBe(endpoint.status)
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect(answer.headers['x-powered-by']).toBeUndefined()
    if (endpoint.answer) expect(endpoint.answer.safeParse(answer.body)).toMatchObject({ success: true })
    else expect(answer.headers['content-type']).toBe(endpoint.streams ?? 'text/event-stream')
  })

  const missing = all.flatMap(([name, endpoint]) => needs(endpoint).map((scope) => [name, scope] as const))
  it.each(missing)('%s without the scope %s is 403 and names it', async (name, scope) => {
    const answer = await send(name, `${name}-without-${scope}`)
    expect(answer.status).toBe(403)
    expect((endpoints[name] as Endpoint).answer ? answer.body : { scope }).toMatchObject({ scope })
    expect(control.operations.asked).toEqual([])
  })

  it.each(all.filter(([, { open }]) => !open))('%s needs a token that is valid', async (name) => {
    for (const token of [undefined, 'expired', 'sw_wrong', '']) {
      const answer = await send(name, token)
      expect(answer.status).toBe(401)
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="slotwise"/)
    }
    expect(control.operations.asked).toEqual([])
  })

  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'bearer'])(
    'does not take Authorization: %s',
    async (authorization) => {
      expect((await control.ask('GET', '/api/v1/whoami', { headers: { authorization } })).status).toBe(401)
    },
  )

  it('says what a token may do', async () => {
    expect((await send('whoami', 'narrow')).body).toEqual({
      id: 'narrow',
      scopes: SCOPES,
      clusters: ['other'],
      keyPrefixes: null,
      expires: null,
      delegated: false,
      readOnly: false,
    })
  })

  it('shows clusters as they are', async () => {
    expect((await send('getCluster', 'everything')).body).toEqual({
      name: 'demo',
      state: 'ok',
      verdict: 'unhealthy',
      shards: 1,
      primaries: 1,
      replicas: 1,
      slotsCovered: 16384,
      epoch: 7,
      memory: { usedBytes: 100, maxBytes: 1000 },
      operations: [{ id: 'p0', kind: 'eviction-policy', state: 'running' }],
    })
    expect((await send('getTopology', 'everything')).body).toMatchObject({
      shards: [
        {
          id: 's1',
          slots: [[0, 16383]],
          nodes: [
            { id: 'a', role: 'primary', offset: 50 },
            { id: 'b', role: 'replica', link: 'up', offset: 40, lag: 10 },
          ],
        },
      ],
      views: { read: 2, opinions: 1 },
    })
    expect((await send('getEviction', 'everything')).body).toMatchObject({
      effective: { maxmemory: 1000, samples: 5 },
      drift: [
        {
          parameter: 'policy',
          values: [
            { value: 'noeviction', nodes: ['a:1'] },
            { value: 'allkeys-lru', nodes: ['b:1'] },
          ],
        },
      ],
    })
  })

  it('gives the engine who asked, and whom only a delegated token claims', async () => {
    // As Grafana writes it: UTF-8 in a header.
    const login = Buffer.from(JSON.stringify({ login: 'zoë\u202e\n', orgId: 1 })).toString('latin1')
    const headers = { 'x-grafana-context': login, 'idempotency-key': 'k-1' }
    for (const token of ['grafana', 'everything'])
      await control.ask('POST', '/api/v1/plans/p1/run', { ...requests.runPlan[1], token, headers })
    const by = control.operations.asked.map(({ arguments: [, request] }) => request)
    expect(by).toMatchObject([
      { by: { token: 'grafana', claimedUser: 'zoë' }, idempotencyKey: 'k-1' },
      { by: { token: 'everything' } },
    ])
    expect((by[1] as { by: object }).by).toEqual({ token: 'everything' })
  })

  it('withholds the sample of a plan from who lacks the scope of its kind', async () => {
    expect((await send('getPlan', 'everything')).body).toMatchObject({
      sample: [{ key: 'user:1' }],
    })
    const read = await send('getPlan', 'only-read')
    expect(read.body).toMatchObject({ sample: [], sampleWithheld: true })
    expect(read.text).not.toContain('user:1')
  })

  it.each(all.filter(([, { path }]) => path.includes('{')))(
    '%s answers the same for what is forbidden and what is not there',
    async (name) => {
      const [path, options = {}] = requests[name]
      const unknown = path.replace(/demo|p\d/, 'nothing')
      const method = endpoints[name].method.toUpperCase()
      const [forbidden, missing] = await Promise.all(
        [path, unknown].map((path) => control.ask(method, `/api/v1${path}`, { ...options, token: 'narrow' })),
      )
      expect(forbidden!.status).toBe(404)
      expect({ ...forbidden!.body, instance: '' }).toEqual({ ...missing!.body, instance: '' })
      expect(control.operations.asked).toEqual([])
    },
  )

  it('lists for a limited token what is its own', async () => {
    control.operations.start(planOf('p9', 'other'), { token: 't' }, 'x')
    expect((await send('listClusters', 'narrow')).body).toMatchObject({ clusters: [{ name: 'other' }] })
    expect((await send('listOperations', 'narrow')).body).toMatchObject({ operations: [{ id: 'p9' }] })
    expect((await control.ask('GET', '/api/v1/operations?cluster=demo', { token: 'narrow' })).status).toBe(
      404,
    )
    expect((await send('setFreeze', 'narrow')).status).toBe(403)
    expect((await send('listOperations', 'everything')).body.operations).toHaveLength(2)
  })

  it.each([
    ['unknown-kind', 400],
    ['invalid-spec', 400],
    ['wrong-confirm', 400],
    ['wrong-hash', 409],
    ['already-run', 409],
    ['stale', 409],
    ['conflict', 409],
    ['frozen', 409],
    ['not-ready', 409],
    ['wrong-state', 409],
    ['unknown-plan', 404],
    ['log-unavailable', 503],
  ] as const)('%s of the engine is %i with its details', async (code, status) => {
    control.operations.failure = new OperationError(code, 'because', { freshPlan: 'p2', status: 1 })
    const answer = await send('runPlan', 'everything')
    control.operations.failure = undefined
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).toMatchObject({
      type: `urn:slotwise:problem:${code}`,
      status,
      detail: 'because',
      instance: '/api/v1/plans/p1/run',
      freshPlan: 'p2',
    })
  })

  it('says 503 when the log is away and 500 without a stack when something breaks', async () => {
    control.operations.failure = new LogUnavailable('the disk is full')
    expect(await send('pauseOperation', 'everything')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    })
    control.operations.failure = new TypeError('secret internals')
    const answer = await send('pauseOperation', 'everything')
    control.operations.failure = undefined
    expect(answer.status).toBe(500)
    expect(answer.text).not.toMatch(/secret|\.ts|at /)
    expect(control.errors.splice(0)).toEqual([new TypeError('secret internals')])
  })
})

describe('the API without a tokens file', () => {
  beforeAll(async () => {
    control = await startTestControl(undefined)
  })
  afterAll(() => control.stop())
  beforeEach(() => prepare(control))

  const reads = all.filter(([, { method, scope }]) => method === 'get' && scope !== 'admin')
  it.each(reads)('%s answers everybody', async (name) => {
    expect((await send(name)).status).toBe(200)
  })

  it.each(all.filter((call) => !reads.includes(call) && call[1].answer))(
    '%s is refused and says what to do',
    async (name) => {
      const answer = await send(name)
      expect(answer).toMatchObject({ status: 403, body: { type: 'urn:slotwise:problem:read-only' } })
      expect(answer.body.detail).toMatch(/slotwise token new --file .*--control\.tokens-file/)
      expect(control.operations.asked).toEqual([])
    },
  )

  it('shows no sample', async () => {
    expect((await send('getPlan')).body).toMatchObject({ sampleWithheld: true })
  })

  it('answers under a loopback name only', async () => {
    const under = async (host: string) =>
      (await control.ask('GET', '/api/v1/clusters', { headers: { host } })).status
    expect(await Promise.all(['localhost:8121', '127.0.0.1', '[::1]:8121'].map(under))).toEqual([
      200, 200, 200,
    ])
    expect(
      await Promise.all(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example'].map(under)),
    ).toEqual([403, 403, 403])
  })
})
