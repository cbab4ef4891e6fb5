import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openapi } from '../../contract/openapi.js'
import { problemDocument } from '../../contract/problems.js'
import { SCOPES } from '../../contract/tokens.js'
import { startTestControl, type Ask, type TestControl } from '../../../test/control.js'
import { planOf } from '../../../test/fakes.js'

let control: TestControl
beforeAll(async () => {
  control = await startTestControl({ me: { scopes: SCOPES } })
  control.operations.plans.set('p1', planOf('p1', 'demo'))
  control.operations.start(planOf('p0', 'demo'), { token: 't' }, 'before')
})
afterAll(() => control.stop())

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { $ref: string } } }
  }
  readonly responses: Record<string, unknown>
}
const document = openapi('0') as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, { properties?: Record<string, unknown> }> }
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

/** Bodies around what the operation wants: its own members with odd values, others, and what is no object. */
function bodies({ requestBody }: Operation): fc.Arbitrary<string> {
  const name = requestBody?.content['application/json'].schema.$ref.split('/').at(-1)
  const members = Object.keys(
    (name === undefined ? undefined : document.components.schemas[name]?.properties) ?? {},
  )
  const key =
    members.length > 0 ? fc.oneof({ arbitrary: fc.constantFrom(...members), weight: 4 }, oddKeys) : oddKeys
  const entries = fc.array(fc.tuple(key, oddValue), { maxLength: 6 })
  return fc.oneof(
    // Written out, so that __proto__ is a member like any other.
    entries.map((list) => `{${list.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`),
    oddValue.map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary' }),
  )
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
)

describe('garbage', () => {
  it.each(operations)(
    '$method $path answers it with a problem that it documents',
    { timeout: 60_000 },
    async ({ path, method, operation }) => {
      const body = operation.requestBody ? bodies(operation) : fc.constant(undefined)
      await fc.assert(
        fc.asyncProperty(parameter, queries(operation), body, async (value, query, raw) => {
          const target = `/api/v1${path.replace(/\{\w+\}/, () => value)}${query === '' ? '' : `?${query}`}`
          const options: Ask = { token: 'me', ...(raw !== undefined && { raw }) }
          const streaming = path === '/events/stream'
          const answer = await control.ask(streaming ? 'HEAD' : method, target, options)
          expect(Object.keys(operation.responses)).toContain(String(answer.status))
          expect(answer.status).toBeLessThan(500)
          if (answer.status >= 400 && !streaming)
            expect(problemDocument.parse(answer.body).type).toMatch(/^urn:slotwise:problem:[a-z-]+$/)
        }),
        { numRuns: 60 },
      )
      expect(control.errors).toEqual([])
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    },
  )
})
