import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestControl, type Answer, type TestControl } from '../../../test/control.js'
import { operationOf, planOf } from '../../../test/fakes.js'
import type { NewEvent } from '../../contract/events.js'
import { sayFrozen } from '../../operations/frozen.js'
import { refuseFrozen } from '../../operations/refusals.js'

const FROZEN = {
  on: true,
  reason: 'breach at other',
  by: { token: 'root' },
  since: '2026-11-22T11:00:00.000Z',
}
const SECRET = /breach|root|11:00/
const scopes = ['read', 'plan', 'run', 'policy'] as const

let control: TestControl
beforeAll(async () => {
  control = await startTestControl({ wide: { scopes }, narrow: { scopes, clusters: ['demo'] } })
  const { operations, log } = control
  const { by, reason } = FROZEN
  const plan = planOf('p1', 'demo')
  operations.frozen = FROZEN
  operations.plans.set('p1', plan)
  operations.operations.set('p1', {
    ...operationOf(plan),
    state: 'paused',
    gates: ['10.0.0.1:7000 does not answer', sayFrozen(FROZEN)],
  })
  const refuse = () => new Promise<never>(() => refuseFrozen(FROZEN))
  Object.assign(operations, { resume: refuse, run: refuse })
  const paused: NewEvent = { type: 'operation.paused', data: { by, reason, gates: ['frozen'] } }
  const asked = { kind: 'eviction-policy', cluster: 'demo', spec: {}, by: { token: 'wide' } }
  await log.append([
    { stream: 'operation/p1', events: [{ type: 'plan.requested', data: asked }, paused] },
    { stream: 'control', events: [{ type: 'freeze.changed', data: { on: true, reason, by } }] },
  ])
})
afterAll(() => control.stop())

const ANSWERS: readonly (readonly [string, (token: string) => Promise<Answer>])[] = [
  ['GET /freeze', (token) => control.ask('GET', '/api/v1/freeze', { token })],
  ['the gate of an operation', (token) => control.ask('GET', '/api/v1/operations/p1', { token })],
  ['the list of operations', (token) => control.ask('GET', '/api/v1/operations', { token })],
  [
    'what pauses an operation',
    (token) => control.ask('POST', '/api/v1/operations/p1/pause', { token, body: {} }),
  ],
  ['the events', (token) => control.ask('GET', '/api/v1/events', { token })],
  [
    'a resume that is refused',
    (token) => control.ask('POST', '/api/v1/operations/p1/resume', { token, body: {} }),
  ],
  [
    'a run that is refused',
    (token) =>
      control.ask('POST', '/api/v1/plans/p1/run', {
        token,
        body: { confirm: 'demo', hash: 'hash-of-p1', reason: 'x' },
      }),
  ],
]

it.each(ANSWERS)('%s tells who froze and why to a token of all clusters only', async (_, ask) => {
  expect((await ask('wide')).text).toMatch(SECRET)
  const { text } = await ask('narrow')
  expect(text).not.toMatch(SECRET)
  expect(text).toMatch(/frozen|"on":true/)
})

it('leaves a token of some clusters what else holds its operation up, and what it can do', async () => {
  const { body } = await control.ask('GET', '/api/v1/operations/p1', { token: 'narrow' })
  expect(body.gates).toEqual([
    '10.0.0.1:7000 does not answer',
    'frozen; a token with the scope admin that is limited to no cluster ends that',
  ])
})
