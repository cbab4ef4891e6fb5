import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import type { Operation } from '../../api/contract'
import { everythingAllowed, fakeBackend } from '../../test/backend'
import { evictKeysPlan, policyOperation } from '../../test/examples'
import { renderInApp } from '../../test/render'
import { ConfirmRun } from '../operations/ConfirmRun'
import { OperationView } from '../operations/OperationView'
import { PlanReview } from '../operations/PlanReview'
import { WhatRuns } from '../operations/WhatRuns'
import { EvictKeysForm } from './EvictKeysForm'
import { evictKeys } from './kind'

const eviction = (policy: string) => ({
  cluster: 'demo',
  effective: { policy, maxmemory: 0, samples: 5 },
  nodes: [],
  drift: [],
})
function showForm(policy = 'allkeys-lru', initial?: unknown) {
  fakeBackend({ ...everythingAllowed, 'GET api/v1/clusters/demo/eviction': eviction(policy) })
  const onPlan = vi.fn()
  renderInApp(<EvictKeysForm cluster="demo" initial={initial} onPlan={onPlan} pending={false} forbidden="" />)
  return onPlan
}
const plan = () => screen.findByRole('button', { name: 'Plan' })

test('keys are chosen by pattern and idle time where the policy is LRU', async () => {
  const user = userEvent.setup()
  const onPlan = showForm()
  expect(await plan()).toBeDisabled()
  await waitFor(() => expect(screen.queryByLabelText(/^Frequency below/)).toBeNull())
  await user.type(screen.getByLabelText(/^Keys that match/), 'session:*')
  await user.type(screen.getByLabelText(/^Not touched for longer than/), '30d')
  await user.click(await plan())
  await waitFor(() =>
    expect(onPlan).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ match: 'session:*', idleOver: '30d', rate: { keysPerSecond: 10_000 } }),
    ),
  )
})

test('and by frequency where it is LFU', async () => {
  showForm('allkeys-lfu')
  expect(await screen.findByLabelText(/^Frequency below/)).toBeVisible()
  await waitFor(() => expect(screen.queryByLabelText(/^Not touched for longer than/)).toBeNull())
})

test('every key only when that is said', async () => {
  const user = userEvent.setup()
  const onPlan = showForm()
  await user.type(await screen.findByLabelText(/^Keys that match/), '*')
  expect(await plan()).toBeDisabled()
  await user.click(screen.getByRole('checkbox', { name: /^Every key may go/ }))
  await user.click(await plan())
  expect(onPlan).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ match: '*', all: true }))
})

test('a limit that is wrong is told while the limits are folded', async () => {
  const user = userEvent.setup()
  showForm('allkeys-lru', { ...(evictKeysPlan.spec as object), limits: { keys: 0 } })
  expect(await plan()).toBeDisabled()
  const said = { name: /^Something under “Limits, counting, and proof”/ }
  expect(screen.getByRole('alert', said)).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Limits, counting, and proof' }))
  const limit = screen.getByRole('textbox', { name: /^Never more than/ })
  expect(limit).toBeInvalid()
  await user.clear(limit)
  await user.click(screen.getByRole('button', { name: 'Limits, counting, and proof' }))
  expect(screen.queryByRole('alert', said)).toBeNull()
  expect(await plan()).toBeEnabled()
})

test('a plan that is changed is filled in', async () => {
  showForm('allkeys-lru', evictKeysPlan.spec)
  expect(await screen.findByLabelText(/^Keys that match/)).toHaveValue('session:*')
  expect(screen.getByLabelText(/^Not touched for longer than/)).toHaveValue('30d')
})

test('the review says what goes, how sure that is, that there is no undo, and what blocks it', () => {
  fakeBackend(everythingAllowed)
  const nothing = () => undefined
  renderInApp(
    <PlanReview plan={evictKeysPlan} kind={evictKeys} forbidden="" onChange={nothing} onContinue={nothing} />,
  )
  expect(screen.getByRole('heading', { name: 'Evict about 60,000 keys from demo' })).toBeVisible()
  expect(screen.getByText('What is evicted is gone: there is no undo')).toBeVisible()
  expect(
    screen.getByText('Blocked by share-of-keys: up to 61 % of all keys of the cluster would go'),
  ).toBeVisible()
  expect(
    screen.getByText('Keys that match session:*, are idle for more than 30d: 60 % of all keys go.'),
  ).toBeVisible()
  const shards = within(screen.getByRole('table', { name: 'Keys that go from each shard' }))
  expect(
    shards.getByRole('row', { name: /7000 about 60,000 \(59,000 to 61,000\) .* 100,000 9,604/ }),
  ).toBeVisible()
})

test('what blocks a plan has to be overridden by its name', async () => {
  const user = userEvent.setup()
  const backend = fakeBackend({ ...everythingAllowed, 'POST api/v1/plans/e-1/run': policyOperation })
  renderInApp(<ConfirmRun plan={evictKeysPlan} kind={evictKeys} forbidden="" onBack={() => undefined} />)
  await user.type(screen.getByLabelText(/^Cluster/), 'demo')
  await user.type(screen.getByLabelText(/^Reason/), 'stale sessions')
  const run = screen.getByRole('button', { name: 'Evict about 60,000 keys from demo' })
  expect(run).toBeDisabled()
  await user.click(screen.getByRole('checkbox', { name: /^Override share-of-keys/ }))
  await user.click(run)
  await waitFor(() =>
    expect(backend.calls.find(({ method }) => method === 'POST')?.data).toEqual({
      confirm: 'demo',
      hash: evictKeysPlan.hash,
      reason: 'stale sessions',
      override: ['share-of-keys'],
    }),
  )
})

test('the end tells what went, and that what was left out is there', () => {
  fakeBackend(everythingAllowed)
  const operation: Operation = {
    ...policyOperation,
    id: 'e-1',
    kind: 'evict-keys',
    state: 'succeeded',
    endedAt: '2026-11-22T05:02:00.000Z',
    nodes: [
      {
        node: '127.0.0.1:7000',
        outcome: 'done',
        note: '',
        done: 100_000,
        total: 100_000,
        counts: { evicted: 60_000, kept: 12, bytes: 6_000_000 },
      },
    ],
    progress: { done: 100_000, total: 100_000 },
    counts: { evicted: 60_000, kept: 12, bytes: 6_000_000 },
    comparison: { checked: 1000, same: 998, different: 0, missing: 0, gone: 2, examples: [] },
    before: { keys: 100_000, usedMemoryBytes: 9_000_000, evictedKeys: 0 },
    after: { keys: 40_000, usedMemoryBytes: 3_000_000, evictedKeys: 0, matching: 0 },
    changes: [],
  }
  renderInApp(<OperationView operation={operation} readAtMs={Date.now()} error={null} kind={evictKeys} />)
  const proof = within(screen.getByRole('region', { name: 'Keys that were left out' }))
  expect(proof.getByText(/^All 1,000 keys that were left out and looked at again are there/)).toBeVisible()
  expect(proof.getByText('Still there').nextElementSibling).toHaveTextContent('998')
  expect(proof.queryByText('Different')).toBeNull()
  expect(screen.getAllByText('Evicted')[0]!.nextElementSibling).toHaveTextContent('60,000')
  expect(screen.queryByText('Written')).toBeNull()
  expect(screen.getByRole('row', { name: /^Keys that meet the criteria not known 0/ })).toBeVisible()
})

test('after a kill it tells of how many keys nobody knows whether they went', () => {
  fakeBackend(everythingAllowed)
  const node = { note: '', done: 0, total: 0 }
  const operation: Operation = {
    ...policyOperation,
    kind: 'evict-keys',
    state: 'succeeded',
    endedAt: '2026-11-22T05:02:00.000Z',
    nodes: [
      { node: '127.0.0.1:7000', outcome: 'done', ...node, counts: { evicted: 57_000, kept: 0, bytes: 0 } },
      { node: 'not known where', outcome: 'done', ...node, counts: { unknown: 3000 } },
    ],
    progress: { done: 100_000, total: 100_000 },
    counts: { evicted: 57_000, kept: 0, bytes: 0, unknown: 3000 },
  }
  renderInApp(<OperationView operation={operation} readAtMs={Date.now()} error={null} kind={evictKeys} />)
  expect(screen.getByText('Not known whether evicted').nextElementSibling).toHaveTextContent('3,000')
  expect(screen.getByRole('row', { name: /^not known where .* 3,000/ })).toBeVisible()
  expect(screen.getByText(/the 57,000 to 60,000 keys that are gone/)).toBeVisible()
  // It would be wrong by as many.
  expect(screen.queryByText('Did not match')).toBeNull()
})

test('a rate that is none is kept as typed and not sent; empty is no limit', async () => {
  const user = userEvent.setup()
  const onPlan = showForm()
  await user.type(await screen.findByLabelText(/^Keys that match/), 'session:*')
  const rate = screen.getByRole('spinbutton', { name: 'Keys a second' })
  for (const typed of ['0', '-5']) {
    await user.clear(rate)
    await user.type(rate, typed)
    expect(rate).toHaveValue(Number(typed))
    expect(screen.getByText('1 or more; empty: no limit.')).toBeVisible()
    expect(await plan()).toBeDisabled()
  }
  await user.clear(rate)
  await user.click(await plan())
  expect(onPlan).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ rate: {} }))
})

test('the review and the last look say how fast, and warn of no limit', () => {
  fakeBackend(everythingAllowed)
  const nothing = () => undefined
  const spec = evictKeysPlan.spec as object
  const rate = { keysPerSecond: 1500, bytesPerSecond: 5 * 1024 ** 2 }
  renderInApp(
    <>
      <ConfirmRun
        plan={{ ...evictKeysPlan, spec: { ...spec, rate } }}
        kind={evictKeys}
        forbidden=""
        onBack={nothing}
      />
      <PlanReview
        plan={{ ...evictKeysPlan, spec: { ...spec, rate: {} } }}
        kind={evictKeys}
        forbidden=""
        onChange={nothing}
        onContinue={nothing}
      />
    </>,
  )
  expect(screen.getByText('At most 1,500 keys/s, 5 MiB/s; it can be changed while it runs.')).toBeVisible()
  expect(screen.getByText('No limit: it goes as fast as the nodes answer')).toBeVisible()
})

test('what runs tells keys that are unlinked from those that are looked at', () => {
  fakeBackend(everythingAllowed)
  const operation: Operation = {
    ...policyOperation,
    kind: 'evict-keys',
    progress: { done: 40_000, total: 100_000 },
    nodes: [{ node: '127.0.0.1:7000', outcome: 'working', note: '', done: 40_000, total: 100_000 }],
    counts: { evicted: 15_000, kept: 1000, bytes: 0 },
    rate: { keysPerSecond: 1500 },
  }
  const at = (operation: Operation, readAtMs: number) => (
    <OperationView operation={operation} readAtMs={readAtMs} error={null} kind={evictKeys} />
  )
  const { unmount } = renderInApp(at(operation, Date.now()))
  expect(screen.getByRole('progressbar', { name: 'Progress in keys' })).toHaveAttribute(
    'aria-valuetext',
    '40,000 of 100,000 keys looked at (40 %)',
  )
  expect(screen.getByText('Did not match').nextElementSibling).toHaveTextContent('24,000')
  expect(screen.getByText(/^Asked for: 1,500 keys\/s\. Now: being measured/)).toBeVisible()
  unmount()
  const seconds = 40
  const endedAt = new Date(Date.parse(operation.startedAt) + seconds * 1000).toISOString()
  renderInApp(at({ ...operation, state: 'cancelled', endedAt }, Date.now()))
  expect(screen.getByText('Average').nextElementSibling).toHaveTextContent(
    '375 keys unlinked/s (1,000 looked at/s)',
  )
})

test('what runs says above it what it does, why and by whom', () => {
  const operation = {
    ...policyOperation,
    reason: 'stale sessions',
    by: { token: 'grafana', claimedUser: 'alice' },
  }
  renderInApp(<WhatRuns plan={evictKeysPlan} operation={operation} kind={evictKeys} />)
  expect(screen.getByText(/Reason: stale sessions\. Run by alice, begun/)).toHaveTextContent(
    /^Evict about 60,000 keys from demo\. Keys that match session:\*, are idle for more than 30d\./,
  )
})
