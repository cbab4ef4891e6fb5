import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestControl, type Ask, type TestControl } from '../../../test/control.js'
import { prepare, requests } from '../../../test/good-requests.js'
import { problemDocument } from '../../contract/problems.js'
import { SCOPES } from '../../contract/tokens.js'

let control: TestControl
beforeAll(async () => {
  control = await startTestControl({ everything: { scopes: SCOPES } })
})
afterAll(() => control.stop())
beforeEach(() => prepare(control))

describe('a request that is not as it should be', () => {
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
    ['a spec of 65 KiB', 400, { body: { kind: 'k', spec: { match: 'x'.repeat(65 * 1024) } } }, /64 KiB/],
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
