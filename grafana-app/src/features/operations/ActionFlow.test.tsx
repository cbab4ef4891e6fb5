import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Plan } from '../../api/contract'
import { problem, roleRefused, whoami } from '../../test/backend'
import { policyOperation, policyPlan } from '../../test/examples'
import { button, RUN, show, step } from '../../test/policyFlow'

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

    const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView')
    await user.click(await button('Continue to confirm'))
    expect(step()).toHaveTextContent('Confirm')
    expect(scrolled).toHaveBeenCalledOnce()
    expect(screen.getByLabelText(/^Cluster/)).toHaveFocus()
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

describe('a plan that takes long', () => {
  test('says how far it is, and can be cancelled', async () => {
    const planning: Plan = { ...policyPlan, state: 'planning', progress: { done: 37, total: 100 } }
    const refused = [{ reason: 'cancelled by grafana-plan', todo: 'plan again when it is wanted' }]
    const backend = show(
      {
        'GET api/v1/plans/p-1': planning,
        'POST planning/plans/p-1/cancel': () => {
          const cancelled: Plan = { ...policyPlan, state: 'refused', refused }
          backend.answers['GET api/v1/plans/p-1'] = cancelled
          return cancelled
        },
      },
      'p-1',
    )
    expect(await screen.findByRole('progressbar', { name: 'Progress of the plan' })).toHaveAttribute(
      'aria-valuetext',
      '37 % looked at',
    )
    await user.click(await button('Cancel the plan'))
    expect(await screen.findByText('cancelled by grafana-plan')).toBeVisible()
    expect(backend.sent('POST', 'planning/plans/p-1/cancel')).toEqual([{}])
  })

  test('that was made meanwhile says so', async () => {
    const backend = show({ 'GET api/v1/plans/p-1': { ...policyPlan, state: 'planning' } }, 'p-1')
    backend.answers['POST planning/plans/p-1/cancel'] = () => {
      backend.answers['GET api/v1/plans/p-1'] = policyPlan
      return problem(409, 'wrong-state', 'plan p-1 is made already')
    }
    await user.click(await button('Cancel the plan'))
    expect(await screen.findByRole('heading', { name: RUN })).toBeVisible()
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
