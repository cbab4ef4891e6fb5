import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestControl, type TestControl } from '../../../test/control.js'
import { NOW, operationOf, planOf } from '../../../test/fakes.js'

const scopes = ['read', 'plan', 'run', 'warmup', 'policy'] as const
const keys = ['read', 'plan', 'run', 'warmup'] as const

let control: TestControl
beforeAll(async () => {
  control = await startTestControl({
    all: { scopes },
    reader: { scopes: ['read'] },
    planner: { scopes: ['read', 'plan', 'policy'] },
    looker: { scopes: ['read', 'warmup'] },
    demo: { scopes, clusters: ['demo'] },
    'demo-old': { scopes, clusters: ['demo', 'old'] },
    a: { scopes: keys, keyPrefixes: ['a:'] },
    'a-and-b': { scopes: keys, keyPrefixes: ['a:', 'b:'] },
    umlaut: { scopes: keys, keyPrefixes: ['\u00e4'] },
  })
})
afterAll(() => control.stop())
beforeEach(() => {
  control.operations.plans.clear()
  control.operations.operations.clear()
  control.operations.asked.length = 0
})

const plan = (token: string, from: string) =>
  control.ask('POST', '/api/v1/clusters/demo/plans', {
    token,
    body: { kind: 'warmup', spec: { source: { name: from } } },
  })

describe('GET /clusters/{c}/warmup', () => {
  const files = [{ path: 'seed.jsonl', bytes: 10, modifiedAt: new Date(NOW).toISOString() }]
  const redis = (name: string) => ({ type: 'redis', name })

  it.each([
    ['all', [redis('old'), redis('secret'), { type: 'cluster', name: 'other' }]],
    ['demo', []],
    ['demo-old', [redis('old')]],
  ])('shows to %s what it may name', async (token, sources) => {
    const { status, body } = await control.ask('GET', '/api/v1/clusters/demo/warmup', { token })
    expect([status, body]).toEqual([200, { cluster: 'demo', sources, files }])
  })

  it.each(['reader', 'planner', 'looker'])('names no file to %s, who cannot plan one', async (token) => {
    const { status, body } = await control.ask('GET', '/api/v1/clusters/demo/warmup', { token })
    expect([status, body.files]).toEqual([200, []])
  })

  it.each(['other', 'nowhere'])('of %s is not there for a token of another cluster', async (name) => {
    const { status, body } = await control.ask('GET', `/api/v1/clusters/${name}/warmup`, { token: 'demo' })
    expect([status, body.type]).toEqual([404, 'urn:slotwise:problem:unknown-cluster'])
  })
})

describe('a source', () => {
  it.each([
    ['all', 'other'],
    ['all', 'secret'],
    ['demo-old', 'old'],
  ])('may be named by %s: %s', async (token, from) => {
    expect((await plan(token, from)).status).toBe(202)
  })

  it('that a token may not see answers as one that is not there', async () => {
    const answers = await Promise.all(['secret', 'other', 'nothing'].map((name) => plan('demo-old', name)))
    for (const [i, name] of ['secret', 'other', 'nothing'].entries()) {
      expect(answers[i]!.status).toBe(400)
      expect(answers[i]!.text.replaceAll(name, 'X')).toBe(answers[2]!.text.replaceAll('nothing', 'X'))
    }
    expect(control.operations.asked).toEqual([])
  })

  it('is looked at again when somebody else runs the plan', async () => {
    control.operations.plans.set('p1', {
      ...planOf('p1', 'demo', { token: 'all' }, { source: { name: 'secret' } }),
      kind: 'warmup',
    })
    const run = (token: string) =>
      control.ask('POST', '/api/v1/plans/p1/run', {
        token,
        body: { confirm: 'demo', hash: 'hash-of-p1', reason: 'test' },
      })
    expect((await run('demo-old')).status).toBe(400)
    expect(control.operations.asked).toEqual([])
    expect((await run('all')).status).toBe(202)
  })
})

describe('keys of a source that a token may not see', () => {
  it('are not shown to it, in a plan of its own cluster, in its run and in their events', async () => {
    const spec = { source: { name: 'secret' } }
    const made = { ...planOf('p1', 'demo', { token: 'all' }, spec), kind: 'warmup' }
    const comparison = { checked: 1, same: 0, different: 1, missing: 0, gone: 0, examples: ['k: other'] }
    control.operations.plans.set('p1', made)
    control.operations.operations.set('p1', { ...operationOf(made), comparison })
    const position = await control.log.head()
    await control.log.append([
      { stream: 'operation/p1', events: [{ type: 'operation.compared', data: comparison }] },
    ])
    for (const [token, keys] of [
      ['demo-old', 0],
      ['all', 1],
    ] as const) {
      const get = async (path: string) => (await control.ask('GET', `/api/v1${path}`, { token })).body
      expect((await get('/plans/p1')).sample).toHaveLength(keys)
      expect(await get('/operations/p1')).toMatchObject({ comparison: { examples: { length: keys } } })
      const { events } = await get(`/events?after=${position}`)
      expect(events).toMatchObject([{ data: { examples: { length: keys } } }])
    }
  })
})

describe('key prefixes', () => {
  const put = (keyPrefixes?: string[]) => {
    const made = {
      ...planOf('p1', 'demo'),
      kind: 'warmup',
      spec: { source: { name: 'old' } },
      ...(keyPrefixes && { keyPrefixes }),
    }
    control.operations.plans.set('p1', made)
    return made
  }
  const body = { confirm: 'demo', hash: 'hash-of-p1', reason: 'test' }

  it('of the token go into its plans', async () => {
    await plan('a-and-b', 'old')
    await plan('all', 'old')
    const [limited, free] = control.operations.asked.map(({ arguments: [request] }) => request)
    expect(limited).toMatchObject({ keyPrefixes: ['a:', 'b:'] })
    expect(free).not.toHaveProperty('keyPrefixes')
  })

  it.each<[string, string[] | undefined, boolean]>([
    ['all', undefined, true],
    ['all', ['a:'], true],
    ['a', ['a:'], true],
    ['a', ['a:b'], true],
    ['a', ['a:', 'b:'], false],
    ['a', ['a'], false],
    ['a', [], true],
    ['a', undefined, false],
    ['a-and-b', ['b:1', 'a:'], true],
    ['umlaut', ['\u00e4b'], true],
    ['umlaut', ['\u00f6'], false],
    // The same letter to people, other bytes.
    ['umlaut', ['a\u0308b'], false],
  ])('of %s cover a plan for %j: %s', async (token, keyPrefixes, may) => {
    put(keyPrefixes)
    const run = await control.ask('POST', '/api/v1/plans/p1/run', { token, body })
    expect(run.status).toBe(may ? 202 : 403)
    if (!may) expect(run.body.type).toBe('urn:slotwise:problem:limited-keys')
    const { sample, sampleWithheld } = (await control.ask('GET', '/api/v1/plans/p1', { token })).body
    expect([sample, sampleWithheld]).toEqual(may ? [[{ key: 'user:1' }], undefined] : [[], true])
  })

  it('keep examples of other keys from a token, in the operation and in its events', async () => {
    const comparison = { checked: 1, same: 0, different: 1, missing: 0, gone: 0, examples: ['b:1: other'] }
    control.operations.operations.set('p1', { ...operationOf(put(['b:'])), comparison })
    const position = await control.log.head()
    await control.log.append([
      { stream: 'operation/p1', events: [{ type: 'operation.compared', data: comparison }] },
    ])
    for (const [token, examples] of [
      ['a', []],
      ['reader', []],
      ['a-and-b', ['b:1: other']],
    ] as const) {
      const shown = await control.ask('GET', '/api/v1/operations/p1', { token })
      expect(shown.body.comparison).toEqual({ ...comparison, examples })
      const list = await control.ask('GET', '/api/v1/operations', { token })
      expect(list.body.operations).toMatchObject([{ comparison: { examples } }])
      const events = await control.ask('GET', `/api/v1/events?after=${position}`, { token })
      expect(events.body.events).toMatchObject([{ data: { ...comparison, examples } }])
    }
  })

  it.each([
    ['POST', '/pause', {}],
    ['POST', '/resume', {}],
    ['POST', '/cancel', {}],
    ['PATCH', '', { rate: { keysPerSecond: 5 } }],
  ])('bind %s /operations/{id}%s', async (method, path, given) => {
    const made = put(['b:'])
    control.operations.operations.set('p1', operationOf(made))
    const send = (token: string) =>
      control.ask(method, `/api/v1/operations/p1${path}`, { token, body: given })
    expect((await send('a')).body.type).toBe('urn:slotwise:problem:limited-keys')
    expect(control.operations.asked).toEqual([])
    expect((await send('a-and-b')).status).toBeLessThan(300)
  })
})
