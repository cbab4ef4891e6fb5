import { act, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { useLiveQueries } from '../../api/useEventStream'
import { everythingAllowed, exporterDown, fakeBackend, problem } from '../../test/backend'
import { FakeEventSource } from '../../test/eventSource'
import { policyOperation, policyPlan, warmupOperation, warmupPlan } from '../../test/examples'
import { renderInApp } from '../../test/render'
import { OperationPage } from './OperationPage'

const ended = {
  ...policyOperation,
  state: 'succeeded' as const,
  endedAt: '2026-11-22T05:01:01.000Z',
  summary: 'maxmemory-samples 10 on all 2 nodes, read back',
  progress: { done: 2, total: 2 },
}
const requested = {
  specversion: '1.0',
  id: 'e-1',
  source: 'slotwise',
  type: 'io.slotwise.operation.requested',
  subject: 'operation/p-1',
  time: '2026-11-22T05:01:00.000Z',
  datacontenttype: 'application/json',
  data: { hash: policyPlan.hash, reason: 'CHG-1', by: { token: 'grafana', claimedUser: 'ada' } },
  streamversion: 3,
  position: '3',
  previoushash: '',
  hash: 'h',
}

function Live({ id }: { readonly id: string }) {
  useLiveQueries()
  return <OperationPage id={id} />
}

function show(id: string, answers: Record<string, unknown>) {
  const backend = fakeBackend({
    ...everythingAllowed,
    'GET api/v1/events': { events: [requested], next: '3', more: false },
    ...answers,
  })
  renderInApp(<Live id={id} />)
  return backend
}

/** jsdom's blobs have no text(). */
const textOf = (file: Blob) =>
  new Promise<string>((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result as string)
    reader.readAsText(file)
  })

afterEach(() => {
  vi.restoreAllMocks()
  for (const added of ['createObjectURL', 'revokeObjectURL']) Reflect.deleteProperty(URL, added)
})

test('one that is over: who, why, the proof, what was planned, the timeline', async () => {
  show('p-1', { 'GET api/v1/operations/p-1': ended, 'GET api/v1/plans/p-1': policyPlan })
  expect(await screen.findByText('maxmemory-samples 10 on all 2 nodes, read back')).toBeVisible()
  expect(within(screen.getByRole('region', { name: 'Who and why' })).getByText('CHG-1')).toBeVisible()
  const planned = within(screen.getByRole('region', { name: 'What was planned' }))
  expect(await planned.findByText(policyPlan.hash!)).toBeVisible()
  expect(
    planned.getByRole('row', { name: '127.0.0.1:7000 primary 0cc86b86 maxmemory-samples 5 10' }),
  ).toBeVisible()
  const timeline = within(await screen.findByRole('list', { name: 'Timeline, newest first' }))
  expect(timeline.getByText(/by ada/)).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull()
})

test('it is exported with its plan', async () => {
  const files: Blob[] = []
  Object.assign(URL, {
    createObjectURL: (file: Blob) => (files.push(file), 'blob:x'),
    revokeObjectURL: vi.fn(),
  })
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
  show('p-1', { 'GET api/v1/operations/p-1': ended, 'GET api/v1/plans/p-1': policyPlan })
  await screen.findByText(policyPlan.hash!)
  await userEvent.click(screen.getByRole('button', { name: 'Export as JSON' }))
  expect(click).toHaveBeenCalledOnce()
  expect(JSON.parse(await textOf(files[0]!))).toEqual({ operation: ended, plan: policyPlan })
})

test('an event makes progress show at once; without events it is asked for', async () => {
  const progress = (done: number) => ({ ...warmupOperation, progress: { done, total: 60_000 } })
  const backend = show('w-1', {
    'GET api/v1/operations/w-1': progress(15_000),
    'GET api/v1/plans/w-1': { ...warmupPlan, operation: 'running' },
  })
  const bar = await screen.findByRole('progressbar', { name: 'Progress in keys' })
  act(() => FakeEventSource.last!.open())
  expect(await screen.findByText('Live')).toBeVisible()

  backend.answers['GET api/v1/operations/w-1'] = progress(30_000)
  act(() =>
    FakeEventSource.last!.send({
      ...requested,
      id: 'e-2',
      position: '4',
      subject: 'operation/w-1',
      type: 'io.slotwise.operation.progressed',
    }),
  )
  await waitFor(() => expect(bar).toHaveAttribute('aria-valuetext', '30,000 of 60,000 keys (50 %)'))

  act(() => FakeEventSource.last!.refuse())
  expect(await screen.findByText('Polling')).toBeVisible()
  backend.answers['GET api/v1/operations/w-1'] = progress(45_000)
  await waitFor(() => expect(bar).toHaveAttribute('aria-valuetext', '45,000 of 60,000 keys (75 %)'))
})

test('a kind that the app does not know is shown all the same', async () => {
  show('p-1', {
    'GET api/v1/operations/p-1': { ...ended, kind: 'rebalance', nodes: [] },
    'GET api/v1/plans/p-1': { ...policyPlan, kind: 'rebalance' },
  })
  expect(await screen.findByText('maxmemory-samples 10 on all 2 nodes, read back')).toBeVisible()
})

test.each([
  [
    'one that is not there',
    problem(404, 'unknown-operation', 'there is no operation p-1'),
    'there is no operation p-1',
  ],
  ['an exporter that is gone', exporterDown, 'The exporter does not answer'],
])('%s', async (_, answer, said) => {
  show('p-1', { 'GET api/v1/operations/p-1': answer, 'GET api/v1/plans/p-1': answer })
  expect(await screen.findByText(said)).toBeVisible()
})
