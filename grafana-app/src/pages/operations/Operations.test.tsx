import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { everythingAllowed, exporterDown, fakeBackend, type Answer } from '../../test/backend'
import { renderInApp } from '../../test/render'
import { Operations } from './Operations'

const operation = (id: string, more: object = {}) => ({
  id,
  kind: 'warmup',
  cluster: 'demo',
  state: 'succeeded',
  by: { token: 'grafana-run', claimedUser: 'alice' },
  reason: 'after the restart',
  startedAt: '2026-01-02T10:00:00.000Z',
  endedAt: '2026-01-02T10:02:05.000Z',
  summary: 'copied 5 keys',
  nodes: [],
  progress: { done: 5, total: 5 },
  gates: [],
  changes: [],
  timeline: [],
  ...more,
})
const show = (operations: Answer, path = '/a/slotwise-clusters-app/operations', more = {}) => {
  fakeBackend({ ...everythingAllowed, 'GET api/v1/operations': operations, ...more })
  renderInApp(<Operations />, { path })
}
const rows = () => within(screen.getByRole('table')).getAllByRole('row').slice(1)

test('who did what, why, how long it took and how it ended, newest first', async () => {
  show({
    operations: [
      operation('one'),
      operation('two', {
        kind: 'eviction-policy',
        state: 'running',
        startedAt: '2026-01-03T10:00:00.000Z',
        endedAt: undefined,
        progress: { done: 2, total: 6 },
      }),
    ],
  })
  await screen.findByRole('table')
  const [newest, older] = rows()
  expect(within(newest!).getByText('Running')).toBeVisible()
  expect(within(newest!).getByRole('progressbar', { name: 'Done' })).toHaveAttribute(
    'aria-valuetext',
    '2 of 6',
  )
  expect(within(older!).getByRole('link', { name: 'warmup of demo' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/operations/one',
  )
  expect(within(older!).getByText('alice (token grafana-run)')).toBeVisible()
  expect(within(older!).getByText('after the restart')).toBeVisible()
  expect(within(older!).getByText('2 min 5 s')).toBeVisible()
  expect(within(older!).getByText('copied 5 keys')).toBeVisible()
})

test('filters stand in the URL', async () => {
  show(
    { operations: [operation('one'), operation('two', { state: 'failed' })] },
    '/a/slotwise-clusters-app/operations?which=trouble',
  )
  await screen.findByRole('table')
  expect(screen.getByRole('radio', { name: 'Trouble' })).toBeChecked()
  expect(rows()).toHaveLength(1)
  await userEvent.click(screen.getByRole('radio', { name: 'Open' }))
  expect(await screen.findByText('No operation matches')).toBeVisible()
})

test('a freeze is announced', async () => {
  show({ operations: [operation('one')] }, undefined, {
    'GET api/v1/freeze': { on: true, reason: 'incident 4', by: { token: 'admin' } },
  })
  expect(await screen.findByText('Operations are frozen')).toBeVisible()
  expect(screen.getByText(/incident 4/)).toBeVisible()
  expect(screen.getByRole('region', { name: 'Command that lifts the freeze' })).toHaveTextContent(
    "slotwise unfreeze --reason '…'",
  )
})

test('nothing was run: where to begin', async () => {
  show({ operations: [] })
  expect(await screen.findByText('Nothing was run so far')).toBeVisible()
  expect(screen.getByRole('link', { name: 'Choose a cluster' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/clusters',
  )
})

test('the exporter is down: it says so', async () => {
  show(exporterDown)
  await waitFor(() => expect(screen.getByText('The exporter does not answer')).toBeVisible())
})
