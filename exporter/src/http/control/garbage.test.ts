import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openapi } from '../../contract/openapi.js'
import { problemCodes, problemDocument, problemType } from '../../contract/problems.js'
import { SCOPES } from '../../contract/tokens.js'
import { startTestControl, type Answer, type Ask, type TestControl } from '../../../test/control.js'
import { planOf } from '../../../test/fakes.js'

let control: TestControl
beforeAll(async () => {
  control = await startTestControl({ me: { scopes: SCOPES } })
  control.operations.plans.set('p1', planOf('p1', 'demo'))
  control.operations.start(planOf('p0', 'demo'), { token: 't' }, 'before')
})
afterAll(() => control.stop())

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
}
interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
  readonly responses: Record<string, unknown>
}
const document = openapi('0') as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)

const oddKeys = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  '\u0000',
  '💥',
  'a'.repeat(5000),
)
const oddText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\u0000',
    '\ud800',
    '\u202e',
    '../..',
    '%2e%2e',
    '{{7*7}}',
    "' OR 1=1 --",
    'x'.repeat(100_000),
  ),
)
const oddValue = fc.oneof(
  { arbitrary: fc.jsonValue(), weight: 3 },
  oddText,
  fc.constantFrom(null, true, -1, 1e308, -0, 0.1, 2 ** 53, [], {}, [[[[]]]]),
)

const oddJson = oddValue.map((value) => JSON.stringify(value))
/** What stands for something in these tests, or at least reads like it. */
const goodText = fc.constantFrom(
  'demo',
  'other',
  'p1',
  'hash-of-p1',
  'eviction-policy',
  'warmup',
  'allkeys-lru',
  'because',
  '2026-11-22T12:00:00Z',
  'firing',
  '4',
  'abc',
)

/** JSON that mostly fits the schema, with something odd here and there. As text, so that a member can be there twice. */
function jsonOf(schema: Schema, depth = 0): fc.Arbitrary<string> {
  if (depth > 6) return oddJson
  return fc.oneof({ arbitrary: fitting(schema, depth), weight: 9 }, { arbitrary: oddJson, weight: 1 })
}

function fitting(schema: Schema, depth: number): fc.Arbitrary<string> {
  const { $ref, anyOf, properties, items, prefixItems, type } = schema
  if ($ref !== undefined) return jsonOf(document.components.schemas[$ref.split('/').at(-1)!]!, depth)
  if ('const' in schema) return fc.constant(JSON.stringify(schema.const))
  if (schema.enum) return fc.constantFrom(...schema.enum.map((value) => JSON.stringify(value)))
  if (anyOf) return fc.oneof(...anyOf.map((one) => jsonOf(one, depth + 1)))
  if (prefixItems)
    return fc.tuple(...prefixItems.map((one) => jsonOf(one, depth + 1))).map((all) => `[${all.join()}]`)
  if (items) return fc.array(jsonOf(items, depth + 1), { maxLength: 3 }).map((all) => `[${all.join()}]`)
  if (type === 'object') {
    const member = ([name, one]: [string, Schema]) =>
      fc
        .tuple(fc.integer({ min: 0, max: 9 }), jsonOf(one, depth + 1))
        .map(([dice, value]) =>
          (schema.required?.includes(name) ? dice < 9 : dice < 4) ? [`${JSON.stringify(name)}:${value}`] : [],
        )
    const others = fc.array(fc.tuple(fc.oneof(goodText, oddKeys), oddJson), { maxLength: 1 })
    const odd = others.map((all) => all.map(([name, value]) => `${JSON.stringify(name)}:${value}`))
    return fc
      .tuple(...Object.entries(properties ?? {}).map(member), odd, fc.integer({ min: 0, max: 9 }))
      .map((parts) => {
        const members = (parts.slice(0, -1) as string[][]).flat()
        return `{${(parts.at(-1) === 0 ? [...members, ...members] : members).join()}}`
      })
  }
  if (type === 'boolean') return fc.boolean().map(String)
  if (type === 'integer' || type === 'number') return fc.integer().map(String)
  return fc.oneof({ arbitrary: goodText, weight: 3 }, oddText).map((text) => JSON.stringify(text))
}

/** Bodies around what the operation wants, and what is no JSON, no text, or not what it says it is. */
function bodies({ requestBody }: Operation): fc.Arbitrary<Pick<Ask, 'raw' | 'headers'>> {
  const schema = requestBody!.content['application/json'].schema
  const raw = fc.oneof(
    { arbitrary: jsonOf(schema), weight: 8 },
    oddJson,
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('['.repeat(100_000), '{"a":'.repeat(50_000), `"${'x'.repeat(1_100_000)}"`, '1e400', '-0'),
  )
  const type = fc.oneof(
    { arbitrary: fc.constant('application/json'), weight: 9 },
    fc.constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'a/b/c',
      '*/*',
    ),
  )
  return fc.tuple(raw, type).map(([raw, type]) => ({ raw, headers: { 'content-type': type } }))
}

function queries({ parameters }: Operation): fc.Arbitrary<string> {
  const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
  const key = names.length > 0 ? fc.constantFrom(...names, '__proto__') : oddKeys
  const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.integer().map(String))
  return fc
    .array(fc.tuple(key, value), { maxLength: 3 })
    .map((list) => list.map(([k, v]) => `${encode(k.slice(0, 100))}=${encode(v)}`).join('&'))
}

function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
}

const parameter = fc.oneof(
  { arbitrary: fc.constantFrom('demo', 'p0', 'p1', '__proto__', 'constructor'), weight: 4 },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map(encode),
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2E',
    '%252e',
    'a%2fb',
    'a%5Cb',
    'a\\b',
    '%00',
    '%ff',
    '%',
    '%zz',
    'a;b',
    'a//b',
    '*',
  ),
)

/** A status, and where it is a refusal a problem of a code that the contract has, without a trace of our code. */
function check({ status, headers, text, body }: Answer, method: string): void {
  expect(status).toBeLessThan(500)
  if (status < 400 || method === 'HEAD') return
  expect(headers['content-type']).toBe('application/problem+json')
  const { type, status: told } = problemDocument.parse(body)
  expect(Object.keys(problemCodes).map(problemType)).toContain(type)
  expect(told).toBe(status)
  expect(text).not.toMatch(/\.(js|ts):\d+|node_modules|node:internal/)
  expect(text.length).toBeLessThan(10_000)
}

describe('garbage', () => {
  const silent = ['DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'HEAD']
  it.each(silent)('%s changes nothing and reads no more than GET', async (method) => {
    const asked = control.operations.asked.length
    for (const { path, operation } of operations) {
      const answer = await control.ask(method, `/api/v1${path.replace(/\{\w+\}/, 'demo')}`, { token: 'me' })
      check(answer, method)
      if (method !== 'HEAD') expect([404, 405]).toContain(answer.status)
      if (answer.status === 405) expect(answer.headers.allow).toMatch(/^(GET, HEAD|POST|PUT|PATCH)/)
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      expect(operation).toBeDefined()
    }
    expect(control.operations.asked.length).toBe(asked)
  })

  it.each(operations)(
    '$method $path answers it with a problem that it documents',
    { timeout: 60_000 },
    async ({ path, method, operation }) => {
      const body = operation.requestBody ? bodies(operation) : fc.constant({})
      await fc.assert(
        fc.asyncProperty(parameter, queries(operation), body, async (value, query, sent) => {
          const target = `/api/v1${path.replace(/\{\w+\}/, () => value)}${query === '' ? '' : `?${query}`}`
          // A stream would not end.
          const sends = path === '/events/stream' ? 'HEAD' : method
          const answer = await control.ask(sends, target, { token: 'me', ...sent })
          expect([...Object.keys(operation.responses), '404']).toContain(String(answer.status))
          check(answer, sends)
        }),
        { numRuns: 100 },
      )
      expect(control.errors).toEqual([])
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    },
  )
})
