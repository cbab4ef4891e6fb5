import { act, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test } from 'vitest'
import { exporterDown, problem } from '../../test/backend'
import { policyOperation, policyPlan } from '../../test/examples'
import { button, cluster, RUN, show } from '../../test/policyFlow'

let user: ReturnType<typeof userEvent.setup>
beforeEach(() => {
  user = userEvent.setup()
})

describe('when things break', () => {
  test('for a cluster that there is not no form is offered', async () => {
    show({ 'GET api/v1/clusters/demo': problem(404, 'unknown-cluster', 'no cluster has this name.') })
    expect(await screen.findByText('There is no cluster demo')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Plan' })).toBeNull()
  })

  test('a double click asks for one plan', async () => {
    const backend = show({ 'POST api/v1/clusters/demo/plans': policyPlan })
    await user.type(await screen.findByLabelText(/^Samples/), '10')
    const form = (await button('Plan')).closest('form')!
    act(() => {
      form.requestSubmit()
      form.requestSubmit()
    })
    await waitFor(() => expect(screen.getByLabelText('plan in the URL')).toHaveTextContent('p-1'))
    expect(backend.sent('POST', 'api/v1/clusters/demo/plans')).toHaveLength(1)
  })

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
