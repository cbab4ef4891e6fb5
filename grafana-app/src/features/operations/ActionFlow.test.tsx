import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test } from 'vitest'
import { useState } from 'react'
import type { Plan } from '../../api/contract'
import {
  everythingAllowed,
  exporterDown,
  fakeBackend,
  problem,
  roleRefused,
  whoami,
} from '../../test/backend'
import { policyOperation, policyPlan } from '../../test/examples'
import { renderInApp } from '../../test/render'
import { evictionPolicy } from '../eviction/kind'
import { ActionFlow } from './ActionFlow'

const RUN = 'Set maxmemory-samples to 10 on 2 nodes of demo'
const cluster = {
  name: 'demo',
  state: 'ok',
  verdict: 'healthy',
  shards: 1,
  primaries: 1,
  replicas: 1,
  slotsCovered: 16384,
  epoch: 1,
  memory: { usedBytes: 1, maxBytes: 0 },
  operations: [],
}

/** The answers before anything was done. */
const quiet = {
  ...everythingAllowed,
  'GET api/v1/clusters/demo': cluster,
  'GET api/v1/clusters/demo/eviction': {
    cluster: 'demo',
    effective: { policy: 'allkeys-lru', maxmemory: 0, samples: 5 },
    nodes: [],
    drift: [],
  },
}

function Flow({ plan }: { readonly plan?: string }) {
  const [planId, setPlanId] = useState(plan)
  return (
    <>
      <ActionFlow cluster="demo" kind={evictionPolicy} planId={planId} onPlanId={setPlanId} />
      <output aria-label="plan in the URL">{planId ?? 'none'}</output>
    </>
  )
}

const show = (answers: Record<string, unknown>, plan?: string) => {
  const backend = fakeBackend({ ...quiet, ...answers })
  renderInApp(<Flow plan={plan} />)
  return backend
}
const step = () =>
  screen.getByRole('navigation', { name: 'Steps of the action' }).querySelector('[aria-current=step]')
const button = (name: string | RegExp) => screen.findByRole('button', { name })

let user: ReturnType<typeof userEvent.setup>
beforeEach(() => {
  user = userEvent.setup()
})

describe('from plan to proof', () => {
  test('each step leads to the next, and the run carries name, hash, reason and a key', async () => {
    let state: Plan = { ...policyPlan, state: 'planning' }
    const backend = show({
      'POST api/v1/clusters/demo/plans': () => state,
      'GET api/v1/plans/p-1': () => state,
      'POST api/v1/plans/p-1/run': () => {
        state = { ...policyPlan, operation: 'running' }
        backend.answers['GET api/v1/operations/p-1'] = policyOperation
        return policyOperation
      },
    })
    expect(await button('Plan')).toBeDisabled()
    await user.type(await screen.findByLabelText(/^Samples/), '10')
    expect(step()).toHaveTextContent('Plan')
    await user.click(await button('Plan'))
    expect(backend.sent('POST', 'api/v1/clusters/demo/plans')).toEqual([
      { kind: 'eviction-policy', spec: { samples: 10, persist: false, allowEviction: false } },
    ])
    expect(await screen.findByText(/Nothing is touched/)).toBeVisible()
    expect(screen.getByLabelText('plan in the URL')).toHaveTextContent('p-1')

    state = policyPlan
    expect(await screen.findByRole('heading', { name: RUN })).toBeVisible()
    expect(step()).toHaveTextContent('Review')
    expect(screen.getByText('not persisted: a restart brings the old values back')).toBeVisible()
    const changes = within(screen.getByRole('table', { name: 'Changes on each node' }))
    expect(changes.getAllByRole('row')).toHaveLength(3)
    expect(changes.getAllByRole('cell', { name: '127.0.0.1:7003' })).toHaveLength(1)
    expect(screen.getByText('b435d863')).toBeVisible()

    await user.click(await button('Continue to confirm'))
    expect(step()).toHaveTextContent('Confirm')
    await user.type(screen.getByLabelText(/^Cluster/), 'demo')
    await user.type(screen.getByLabelText(/^Reason/), 'CHG-1')
    await user.click(await button(RUN))
    expect(backend.sent('POST', 'api/v1/plans/p-1/run')).toEqual([
      { confirm: 'demo', hash: policyPlan.hash, reason: 'CHG-1' },
    ])
    expect(backend.calls.find(({ url }) => url.endsWith('p-1/run'))?.headers).toHaveProperty(
      'Idempotency-Key',
    )

    expect(await screen.findByRole('progressbar', { name: 'Progress in nodes' })).toHaveAttribute(
      'aria-valuetext',
      '1 of 2 nodes (50 %)',
    )
    expect(step()).toHaveTextContent('Run')
    backend.answers['GET api/v1/operations/p-1'] = {
      ...policyOperation,
      state: 'succeeded',
      endedAt: '2026-11-22T05:01:01.000Z',
      summary: 'maxmemory-samples 10 on all 2 nodes, read back',
      progress: { done: 2, total: 2 },
    }
    expect(await screen.findByText('maxmemory-samples 10 on all 2 nodes, read back')).toBeVisible()
    expect(step()).toHaveTextContent('Verify')
    expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull()
  })

  test('only the right name and a reason open the run', async () => {
    show({ 'GET api/v1/plans/p-1': policyPlan }, 'p-1')
    await user.click(await button('Continue to confirm'))
    const name = screen.getByLabelText(/^Cluster/)
    const reason = screen.getByLabelText(/^Reason/)
    for (const [typed, why, open] of [
      ['Demo', 'because', false],
      ['demo ', 'because', false],
      ['demo', ' ', false],
      ['demo', 'because', true],
    ] as const) {
      await user.clear(name)
      await user.type(name, typed)
      await user.clear(reason)
      await user.type(reason, why)
      expect(screen.getByRole('button', { name: RUN }), `${typed}|${why}`).toHaveProperty('disabled', !open)
    }
  })

  test('back to the form, what was planned is filled in', async () => {
    show({ 'GET api/v1/plans/p-1': policyPlan }, 'p-1')
    await user.click(await button('Change the plan'))
    expect(await screen.findByLabelText(/^Samples/)).toHaveValue(10)
    expect(screen.getByLabelText('plan in the URL')).toHaveTextContent('none')
  })
})

describe('plans that can not be run', () => {
  test('refused: each problem with its node and what to do', async () => {
    const problems = [
      { node: '127.0.0.1:7000', reason: 'it does not answer', todo: 'start it' },
      { reason: 'nothing would change', todo: 'ask for something else' },
    ]
    show({ 'GET api/v1/plans/p-1': { ...policyPlan, state: 'refused', refused: problems } }, 'p-1')
    const table = within(await screen.findByRole('table', { name: 'What forbids it' }))
    expect(table.getByRole('row', { name: '127.0.0.1:7000 it does not answer start it' })).toBeVisible()
    expect(
      table.getByRole('row', { name: 'the cluster nothing would change ask for something else' }),
    ).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Continue to confirm' })).toBeNull()
  })

  test('stale: the difference, and on with the fresh plan', async () => {
    show(
      {
        'GET api/v1/plans/p-1': {
          ...policyPlan,
          state: 'stale',
          stale: { difference: ['127.0.0.1:7003: maxmemory-samples is 7'], freshPlan: 'p-2' },
        },
        'GET api/v1/plans/p-2': { ...policyPlan, id: 'p-2' },
      },
      'p-1',
    )
    expect(await screen.findByText('127.0.0.1:7003: maxmemory-samples is 7')).toBeVisible()
    await user.click(await button('Use the fresh plan'))
    expect(await button('Continue to confirm')).toBeEnabled()
    expect(screen.getByLabelText('plan in the URL')).toHaveTextContent('p-2')
  })

  test('a run that finds the plan stale leads to what has changed', async () => {
    const backend = show({ 'GET api/v1/plans/p-1': policyPlan }, 'p-1')
    backend.answers['POST api/v1/plans/p-1/run'] = () => {
      backend.answers['GET api/v1/plans/p-1'] = {
        ...policyPlan,
        state: 'stale',
        stale: { difference: ['somebody changed it'], freshPlan: 'p-2' },
      }
      return problem(409, 'stale', 'what the plan relied on has changed')
    }
    await user.click(await button('Continue to confirm'))
    await user.type(screen.getByLabelText(/^Cluster/), 'demo')
    await user.type(screen.getByLabelText(/^Reason/), 'x')
    await user.click(await button(RUN))
    expect(await screen.findByText('somebody changed it')).toBeVisible()
  })

  test('expired: the same again is one click', async () => {
    const backend = show(
      {
        'GET api/v1/plans/p-1': { ...policyPlan, state: 'expired' },
        'POST api/v1/clusters/demo/plans': { ...policyPlan, id: 'p-3' },
        'GET api/v1/plans/p-3': { ...policyPlan, id: 'p-3' },
      },
      'p-1',
    )
    await user.click(await button('Plan the same again'))
    expect(await button('Continue to confirm')).toBeVisible()
    expect(backend.sent('POST', 'api/v1/clusters/demo/plans')).toEqual([
      { kind: 'eviction-policy', spec: policyPlan.spec },
    ])
  })

  test.each([
    [
      'a plan of another cluster',
      { ...policyPlan, cluster: 'other' },
      /This link is of eviction-policy on other/,
    ],
    ['a plan of another kind', { ...policyPlan, kind: 'warmup' }, /This link is of warmup on demo/],
    [
      'a plan that is not there',
      problem(404, 'unknown-plan', 'there is no plan p-1'),
      'There is no such plan',
    ],
  ])('%s', async (_, answer, said) => {
    show({ 'GET api/v1/plans/p-1': answer }, 'p-1')
    expect(await screen.findByText(said)).toBeVisible()
    await user.click(await button('Make a new plan'))
    expect(await screen.findByLabelText(/^Samples/)).toBeVisible()
  })
})

describe('who may not', () => {
  test('a viewer sees the form, and why it can not be sent', async () => {
    show({ 'GET whoami/plan': roleRefused, 'GET whoami/run': roleRefused })
    await user.type(await screen.findByLabelText(/^Samples/), '10')
    const plan = await button('Plan')
    await waitFor(() =>
      expect(plan).toHaveAccessibleDescription(/Your role in Grafana does not allow this: it needs Editor/),
    )
    expect(plan).toBeDisabled()
  })

  test('a token without the scope: the review can be read, not run', async () => {
    show(
      { 'GET api/v1/plans/p-1': policyPlan, 'GET whoami/run': { ...whoami, scopes: ['read', 'run'] } },
      'p-1',
    )
    const go = await button('Continue to confirm')
    await waitFor(() => expect(go).toHaveAccessibleDescription(/lacks the scope policy/))
    expect(go).toBeDisabled()
    expect(screen.getByRole('table', { name: 'Changes on each node' })).toBeVisible()
  })
})

describe('when things break', () => {
  test('an operation of this kind that runs is offered', async () => {
    show({
      'GET api/v1/clusters/demo': {
        ...cluster,
        operations: [
          { id: 'other', kind: 'warmup', state: 'running' },
          { id: 'p-1', kind: 'eviction-policy', state: 'paused' },
        ],
      },
      'GET api/v1/plans/p-1': { ...policyPlan, operation: 'paused' },
      'GET api/v1/operations/p-1': { ...policyOperation, state: 'paused', gates: ['operations are frozen'] },
    })
    await user.click(await button('Watch it'))
    expect(await screen.findByText('It waits: operations are frozen')).toBeVisible()
    expect(await button('Resume')).toBeEnabled()
  })

  test('an exporter that goes away leaves the last known state, labelled, and comes back by itself', async () => {
    const running = { ...policyPlan, operation: 'running' }
    const backend = show(
      { 'GET api/v1/plans/p-1': running, 'GET api/v1/operations/p-1': policyOperation },
      'p-1',
    )
    await screen.findByRole('progressbar', { name: 'Progress in nodes' })
    backend.answers['GET api/v1/operations/p-1'] = exporterDown
    expect(await screen.findByText(/the last known state of the operation/)).toBeVisible()
    expect(screen.getByRole('progressbar', { name: 'Progress in nodes' })).toBeVisible()
    backend.answers['GET api/v1/operations/p-1'] = { ...policyOperation, state: 'verifying' }
    expect(await screen.findByText(/being read back/)).toBeVisible()
    expect(screen.queryByText(/the last known state of the operation/)).toBeNull()
  })

  test('a run whose answer is lost says that it is not known, and may be repeated', async () => {
    const backend = show(
      { 'GET api/v1/plans/p-1': policyPlan, 'POST api/v1/plans/p-1/run': exporterDown },
      'p-1',
    )
    await user.click(await button('Continue to confirm'))
    await user.type(screen.getByLabelText(/^Cluster/), 'demo')
    await user.type(screen.getByLabelText(/^Reason/), 'x')
    await user.click(await button(RUN))
    expect(await screen.findByText('It is not known whether the run was accepted')).toBeVisible()
    await user.click(await button(RUN))
    await waitFor(() => expect(backend.sent('POST', 'api/v1/plans/p-1/run')).toHaveLength(2))
    const keys = backend.calls
      .filter(({ url }) => url.endsWith('p-1/run'))
      .map(({ headers }) => headers?.['Idempotency-Key'] as string)
    expect(keys[0]).toBe(keys[1])
  })

  test('a spec that the exporter does not take says which field', async () => {
    show({ 'POST api/v1/clusters/demo/plans': problem(400, 'invalid-spec', 'samples: too big') })
    await user.type(await screen.findByLabelText(/^Samples/), '10')
    await user.click(await button('Plan'))
    expect(await screen.findByText('No plan was made: samples: too big')).toBeVisible()
    expect(screen.getByLabelText(/^Samples/)).toHaveValue(10)
  })
})
