import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test } from 'vitest'
import { queryClient } from '../api/queryClient'
import { everythingAllowed, fakeBackend } from '../test/backend'
import { warmupOperation, warmupPlan } from '../test/examples'
import { renderInApp } from '../test/render'
import { WarmupPanel } from './warmup/WarmupPanel'

const cluster = (name: string, operations: object[] = []) => ({ name, operations })
const sources = { cluster: 'cold', sources: [{ type: 'cluster', name: 'demo' }], files: [] }

beforeEach(() => queryClient.clear())

function show(option: string, answers: Record<string, unknown>) {
  fakeBackend({ ...everythingAllowed, 'GET api/v1/clusters/cold/warmup': sources, ...answers })
  renderInApp(
    <WarmupPanel
      {...({} as Parameters<typeof WarmupPanel>[0])}
      options={{ cluster: option }}
      replaceVariables={(text) => text.replace('$cluster', 'cold')}
      width={380}
      height={300}
    />,
  )
  return within(screen.getByRole('region', { name: 'Slotwise: warmup' }))
}

test('a variable names the cluster; the link leads to its page', async () => {
  const panel = show('$cluster', {
    'GET api/v1/clusters': { clusters: [] },
    'GET api/v1/clusters/cold': cluster('cold'),
  })
  expect(await panel.findByRole('button', { name: 'Plan' })).toBeVisible()
  expect(panel.getByRole('link', { name: 'Open in Slotwise' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/clusters/cold/warmup',
  )
})

test('without a name the only cluster is meant', async () => {
  const panel = show('', {
    'GET api/v1/clusters': { clusters: [cluster('cold')] },
    'GET api/v1/clusters/cold': cluster('cold'),
  })
  expect(await panel.findByRole('button', { name: 'Plan' })).toBeVisible()
})

test('of several it asks for one', async () => {
  const panel = show('', { 'GET api/v1/clusters': { clusters: [cluster('cold'), cluster('demo')] } })
  expect(await panel.findByText(/Name a cluster in the panel’s options/)).toHaveTextContent('cold, demo')
})

test('what runs is shown without a click, until somebody turns away from it', async () => {
  const panel = show('cold', {
    'GET api/v1/clusters': { clusters: [] },
    'GET api/v1/clusters/cold': cluster('cold', [{ id: 'w-1', kind: 'warmup', state: 'running' }]),
    'GET api/v1/plans/w-1': { ...warmupPlan, operation: 'running' },
    'GET api/v1/operations/w-1': {
      ...warmupOperation,
      state: 'cancelled',
      endedAt: '2026-11-22T05:02:00.000Z',
    },
  })
  expect(await panel.findByRole('progressbar', { name: 'Progress in keys' })).toBeVisible()
  expect(panel.getByRole('link', { name: 'Open in Slotwise' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/clusters/cold/warmup?plan=w-1',
  )
  await userEvent.click(panel.getByRole('button', { name: 'Make a new plan' }))
  expect(await panel.findByRole('button', { name: 'Plan' })).toBeVisible()
  await waitFor(() => expect(panel.getByRole('button', { name: 'Watch it' })).toBeVisible())
})
