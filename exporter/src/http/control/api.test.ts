import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { endpoints, type Endpoint, type EndpointName } from '../../contract/endpoints.js'
import { problemDocument } from '../../contract/problems.js'
import { SCOPES, type Scope } from '../../contract/tokens.js'
import { OperationError } from '../../operations/operations.js'
import { LogUnavailable } from '../../events/log.js'
import { startTestControl, type Ask, type TestControl } from '../../../test/control.js'
import { NOW, planOf } from '../../../test/fakes.js'

/** A good request for every endpoint. */
const requests: Record<EndpointName, readonly [path: string, options?: Ask]> = {
  listClusters: ['/clusters'],
  getCluster: ['/clusters/demo'],
  getTopology: ['/clusters/demo/topology'],
  getHealth: ['/clusters/demo/health'],
  getEviction: ['/clusters/demo/eviction'],
  sampleEviction: ['/clusters/demo/eviction/sample', { body: {} }],
  getWarmup: ['/clusters/demo/warmup'],
  createPlan: [
    '/clusters/demo/plans',
    { body: { kind: 'eviction-policy', spec: { policy: 'allkeys-lru' } } },
  ],
  getPlan: ['/plans/p1'],
  runPlan: ['/plans/p1/run', { body: { confirm: 'demo', hash: 'hash-of-p1', reason: 'test' } }],
  cancelPlan: ['/plans/p1/cancel', { body: { reason: 'takes too long' } }],
  listOperations: ['/operations'],
  getOperation: ['/operations/p0'],
  changeRate: ['/operations/p0', { body: { rate: { keysPerSecond: 5 } } }],
  pauseOperation: ['/operations/p0/pause', { body: { reason: 'lunch' } }],
  resumeOperation: ['/operations/p0/resume'],
  cancelOperation: ['/operations/p0/cancel', { body: {} }],
  getFreeze: ['/freeze'],
  setFreeze: ['/freeze', { body: { on: true, reason: 'incident 7' } }],
  recordAlerts: [
    '/alerts',
    {
      body: {
        version: '4',
        alerts: [
          {
            status: 'firing',
            labels: { alertname: 'RedisNodeDown', redis_cluster: 'demo' },
            startsAt: '2026-11-22T11:59:00Z',
            fingerprint: 'abc',
          },
        ],
      },
    },
  ],
  listAlerts: ['/alerts'],
  listEvents: ['/events?limit=5'],
  streamEvents: ['/events/stream'],
  verifyEvents: ['/events/verify'],
  backupEvents: ['/events/backup'],
  whoami: ['/whoami'],
  getOpenapi: ['/openapi.json'],
}
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

function prepare() {
  control.operations.plans.clear()
  control.operations.operations.clear()
  control.operations.asked.length = 0
  control.operations.plans.set('p1', planOf('p1', 'demo'))
  control.operations.start(planOf('p0', 'demo'), { token: 't' }, 'before')
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
  beforeEach(prepare)

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

  it.each<[what: string, status: number, options: Ask, detail: RegExp]>([
    ['no body', 400, {}, /no body/],
    ['text', 415, { raw: '{}', headers: { 'content-type': 'text/plain' } }, /application\/json/],
    ['a form', 415, { raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, /json/],
    ['gzip', 415, { raw: 'x', headers: { 'content-encoding': 'gzip' } }, /Content-Encoding/],
    [
      'another charset',
      415,
      { raw: '{}', headers: { 'content-type': 'application/json; charset=utf-7' } },
      /UTF-8/,
    ],
    ['broken JSON', 400, { raw: '{"a":' }, /^the body is not valid JSON$/],
    ['more than 1 MiB', 413, { raw: JSON.stringify({ kind: 'x'.repeat(1024 * 1024) }) }, /1 MiB/],
    ['an unknown member', 400, { body: { kind: 'k', spec: {}, extra: 1 } }, /extra: unknown member/],
    ['__proto__', 400, { raw: '{"kind":"k","spec":{"a":[{"__proto__":{"x":1}}]}}' }, /__proto__/],
    [
      'endless nesting',
      400,
      { raw: `{"kind":"k","spec":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}` },
      /nested/,
    ],
    ['a list', 400, { body: [] }, /expected object/],
    ['a number', 400, { raw: '5' }, /expected object/],
    ['a wrong type', 400, { body: { kind: 5, spec: {} } }, /kind: .*string/],
  ])('refuses %s with %i', async (_, status, options, detail) => {
    const answer = await control.ask('POST', '/api/v1/clusters/demo/plans', {
      ...options,
      token: 'everything',
    })
    expect(answer.status).toBe(status)
    expect(problemDocument.parse(answer.body).detail).toMatch(detail)
    expect(control.operations.asked).toEqual([])
  })

  it('passes on prototype names as the data they are', async () => {
    const body = '{"kind":"eviction-policy","spec":{"constructor":{"prototype":{"polluted":1}},"toString":1}}'
    expect(
      (await control.ask('POST', '/api/v1/clusters/demo/plans', { raw: body, token: 'everything' })).status,
    ).toBe(202)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it.each([
    ['/clusters?x=1', /x: unknown member/],
    ['/operations?limit=0', /limit: /],
    ['/operations?limit=5&limit=6', /limit: .*more than once/],
    ['/operations?state=gone', /state: /],
    ['/events?after=%00', /after: /],
    ['/events?after=abc', /after: not a position/],
    ['/events/stream?after=abc', /after: not a position/],
    ['/clusters?__proto__=1', /__proto__: unknown/],
    ['/whoami?token=secret', /token: unknown member$/],
  ])('refuses the query of %s', async (path, detail) => {
    const answer = await control.ask('GET', `/api/v1${path}`, { token: 'everything' })
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:slotwise:problem:invalid-query' } })
    expect(answer.body.detail).toMatch(detail)
  })

  it.each([
    '/api/v1/clusters/../whoami',
    '/api/v1/clusters/..',
    '/api/v1//whoami',
    '//api/v1/whoami',
    '/api/v1/./whoami',
    '/api/v1/clusters/demo%2ftopology',
    '/api/v1/clusters/demo%2Ftopology',
    '/api/v1/clusters/%2e%2e/whoami',
    '/api/v1/clusters/%2E%2e/whoami',
    '/api/v1/clusters/demo%5ctopology',
    '/api/v1/clusters/demo\\topology',
    '/api/v1/clusters/%252e%252e/whoami',
    '/api/v1/clusters/%25252F',
    '/api/v1/clusters/%255Cx',
    '/api/v1/clusters/%00',
    '/api/v1/clusters/%zz',
    '/api/v1/clusters/%ff',
    'http://elsewhere/api/v1/whoami',
    '*',
  ])('refuses the raw path %s before routing', async (path) => {
    const answer = await control.ask('GET', path, { token: 'everything' })
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:slotwise:problem:bad-path' } })
  })

  it.each([
    '/',
    '/api',
    '/api/v1',
    '/api/v1/',
    '/api/v1/clusters/',
    '/API/v1/clusters',
    '/api/v1/Clusters',
    '/api/v1/plans',
    '/api/v1/constructor',
  ])('has nothing at %s', async (path) => {
    expect(await control.ask('GET', path, { token: 'everything' })).toMatchObject({ status: 404 })
  })

  it('answers HEAD, and 405 to other methods', async () => {
    expect(await control.ask('HEAD', '/api/v1/clusters', { token: 'everything' })).toMatchObject({
      status: 200,
      text: '',
    })
    for (const method of ['DELETE', 'POST', 'OPTIONS', 'TRACE']) {
      const answer = await control.ask(method, '/api/v1/clusters', { token: 'everything' })
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    }
  })

  it('refuses pages of other origins', async () => {
    for (const origin of ['https://evil.example', 'null', 'nonsense'])
      expect(
        await control.ask('GET', '/api/v1/clusters', { token: 'everything', headers: { origin } }),
      ).toMatchObject({
        status: 403,
        body: { type: 'urn:slotwise:problem:foreign-origin' },
      })
    const own = { origin: control.url }
    expect((await control.ask('GET', '/api/v1/clusters', { token: 'everything', headers: own })).status).toBe(
      200,
    )
  })

  it.each(['', 'with space', 'x'.repeat(201), 'ü'])('refuses the Idempotency-Key %j', async (key) => {
    const headers = { 'idempotency-key': key }
    const answer = await control.ask('POST', '/api/v1/plans/p1/run', {
      ...requests.runPlan[1],
      token: 'everything',
      headers,
    })
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:slotwise:problem:invalid-header' } })
  })
})

describe('the API without a tokens file', () => {
  beforeAll(async () => {
    control = await startTestControl(undefined)
  })
  afterAll(() => control.stop())
  beforeEach(prepare)

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
