import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestControl, type TestControl } from '../../../test/control.js'

const SCOPES = ['read', 'plan', 'run', 'policy'] as const
let control: TestControl
beforeAll(async () => {
  control = await startTestControl({
    me: { scopes: SCOPES },
    lead: { scopes: [...SCOPES, 'override'] },
  })
})
afterAll(() => control.stop())

async function run(token: string, override: unknown) {
  const asked = { token: 'me', body: { kind: 'eviction-policy', spec: { policy: 'allkeys-lru' } } }
  const { body } = await control.ask('POST', '/api/v1/clusters/demo/plans', asked)
  const id = String(body.id)
  const { hash } = control.operations.plans.get(id)!
  const request = { confirm: 'demo', hash, reason: 'test', override }
  return control.ask('POST', `/api/v1/plans/${id}/run`, { token, body: request })
}
const runs = () => control.operations.asked.filter(({ method }) => method === 'run')

it('an override needs its scope', async () => {
  const refused = await run('me', ['fits'])
  expect(refused).toMatchObject({ status: 403, body: { scope: 'override' } })
  expect(runs()).toEqual([])
  expect((await run('lead', ['fits'])).status).toBe(202)
  expect(runs()[0]?.arguments[1]).toMatchObject({ override: ['fits'] })
})

it('who overrides nothing needs no scope for it', async () => {
  expect((await run('me', [])).status).toBe(202)
})

it.each([
  ['no list', 'fits'],
  ['no names', [1]],
  ['an empty name', ['']],
])('%s is refused', async (_, override) => {
  expect((await run('lead', override)).status).toBe(400)
})
