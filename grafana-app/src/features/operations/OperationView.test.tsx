import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import type { Operation, OperationState } from '../../api/contract'
import { everythingAllowed, fakeBackend, problem, roleRefused } from '../../test/backend'
import { policyOperation, warmupOperation } from '../../test/examples'
import { renderInApp } from '../../test/render'
import { evictionPolicy } from '../eviction/kind'
import { warmup } from '../warmup/kind'
import { OperationView } from './OperationView'

function show(
  operation: Operation,
  answers: Record<string, unknown> = {},
  readAtMs = Date.now(),
  error: Error | null = null,
) {
  const backend = fakeBackend({ ...everythingAllowed, ...answers })
  const kind = operation.kind === 'warmup' ? warmup : evictionPolicy
  renderInApp(<OperationView operation={operation} readAtMs={readAtMs} error={error} kind={kind} />)
  return backend
}
const figure = (label: string) => screen.getByText(label, { selector: 'dt' }).nextElementSibling

const ended = { endedAt: '2026-11-22T05:01:20.000Z' }

test.each<[OperationState, Partial<Operation>, string, readonly string[]]>([
  ['running', {}, 'Running', ['Pause', 'Cancel the warmup', 'Change the rate']],
  [
    'paused',
    { gates: ['cold is 91 % full'] },
    'It waits: cold is 91 % full',
    ['Resume', 'Cancel the warmup', 'Change the rate'],
  ],
  [
    'verifying',
    {},
    'Everything is done and is being read back.',
    ['Pause', 'Cancel the warmup', 'Change the rate'],
  ],
  ['succeeded', ended, 'Succeeded', []],
  ['failed', ended, 'Failed', []],
  ['cancelled', ended, 'Cancelled', []],
  ['undone', ended, 'Undone', []],
  ['needs-attention', ended, 'Needs attention', []],
])('%s', (state, part, said, buttons) => {
  show({ ...warmupOperation, ...part, state, summary: 'what came of it' })
  expect(screen.getAllByText(said)[0]).toBeVisible()
  expect(screen.queryAllByRole('button').map(({ textContent }) => textContent)).toEqual(buttons)
  expect(screen.queryAllByText('what came of it')).toHaveLength(buttons.length === 0 ? 1 : 0)
})

describe('a warmup that runs', () => {
  test('says how far, what became of the keys, and each side of the copy', () => {
    show(warmupOperation)
    expect(screen.getByRole('progressbar', { name: 'Progress in keys' })).toHaveAttribute(
      'aria-valuetext',
      '15,000 of 60,000 keys (25 %)',
    )
    expect(figure('Written')).toHaveTextContent('14,000')
    expect(figure('Already there')).toHaveTextContent('900')
    expect(figure('Too big')).toHaveTextContent('40')
    expect(figure('Time left')).toHaveTextContent('about 45 s')
    expect(screen.queryByText('Failed', { selector: 'dt' })).toBeNull()
    const from = within(screen.getByRole('table', { name: 'Read from' }))
    expect(from.getByText('127.0.0.1:7000')).toBeVisible()
    const to = within(screen.getByRole('table', { name: 'Written to' }))
    expect(to.getByText('aaaabbbb')).toBeVisible()
    expect(screen.getByRole('status')).toHaveTextContent('Running, 20 %')
  })

  test('that has only begun counts no nodes as keys', () => {
    const nodes = warmupOperation.nodes.map(({ node, note }) => ({ node, note, outcome: 'waiting' as const }))
    show({ ...warmupOperation, nodes, progress: { done: 0, total: 3 } })
    expect(screen.getByRole('progressbar', { name: 'Progress in keys' })).toHaveAttribute(
      'aria-valuetext',
      'Starting…',
    )
  })

  test('is slowed down: only what was changed is sent', async () => {
    const user = userEvent.setup()
    const backend = show(warmupOperation, { 'PATCH api/v1/operations/w-1': warmupOperation })
    expect(screen.getByText(/Asked for: 10,000 keys\/s, 50 MiB\/s/)).toBeVisible()
    const change = screen.getByRole('button', { name: 'Change the rate' })
    const keys = screen.getByLabelText('Keys a second')
    await waitFor(() => expect(keys).toBeEnabled())
    expect(change).toBeDisabled()
    await user.clear(keys)
    expect(keys).toHaveAttribute('placeholder', 'stays as it is')
    expect(change).toBeDisabled()
    await user.type(keys, '500')
    await user.click(change)
    expect(backend.sent('PATCH', 'api/v1/operations/w-1')).toEqual([{ rate: { keysPerSecond: 500 } }])
  })

  test('is cancelled only after a question that says what stays', async () => {
    const user = userEvent.setup()
    const backend = show(warmupOperation, {
      'POST api/v1/operations/w-1/cancel': problem(409, 'wrong-state', 'it is over already'),
    })
    const cancel = screen.getByRole('button', { name: 'Cancel the warmup' })
    await waitFor(() => expect(cancel).toBeEnabled())
    await user.click(cancel)
    expect(screen.getByText(/What was written stays/)).toBeVisible()
    await user.type(screen.getByLabelText('Reason (optional)'), 'wrong cluster')
    await user.click(screen.getByRole('button', { name: 'Yes, cancel it' }))
    expect(backend.sent('POST', 'api/v1/operations/w-1/cancel')).toEqual([{ reason: 'wrong cluster' }])
    expect(await screen.findByText('it is over already')).toBeVisible()
  })

  test('is watched by a viewer, whose buttons say why they are disabled', async () => {
    show(warmupOperation, { 'GET whoami/run': roleRefused })
    const cancel = screen.getByRole('button', { name: 'Cancel the warmup' })
    await waitFor(() => expect(cancel).toHaveAccessibleDescription(/it needs Admin/))
    for (const name of ['Pause', 'Cancel the warmup', 'Change the rate'])
      expect(screen.getByRole('button', { name }), name).toBeDisabled()
    expect(screen.getByLabelText('Keys a second')).toBeDisabled()
  })

  test('of which nothing was heard for long is labelled as stale; what has ended is not', () => {
    show(warmupOperation, {}, Date.now() - 60_000)
    expect(screen.getByText('Stale: The exporter takes long to answer')).toBeVisible()
    cleanup()
    show({ ...warmupOperation, ...ended, state: 'succeeded' }, {}, Date.now() - 60_000)
    expect(screen.queryByText(/^Stale/)).toBeNull()
  })

  test('of an exporter that is down stands still: no speed, no time left, no commands, and why', () => {
    show(warmupOperation, {}, Date.now(), new Error('connection refused'))
    expect(
      screen.getByText(/If the exporter is down, what it runs stands still and goes on by itself/),
    ).toBeVisible()
    expect(screen.queryByText('Time left')).toBeNull()
    for (const name of ['Pause', 'Cancel the warmup', 'Change the rate'])
      expect(screen.getByRole('button', { name }), name).toHaveAccessibleDescription(
        /until its state can be read/,
      )
  })

  test('can be cancelled while operations are frozen', async () => {
    show({ ...warmupOperation, state: 'paused' }, { 'GET api/v1/freeze': { on: true, reason: 'incident 7' } })
    await waitFor(() => expect(screen.getByRole('button', { name: 'Cancel the warmup' })).toBeEnabled())
  })
})

describe('the proof', () => {
  const after = {
    keys: 59_912,
    usedMemoryBytes: 14_000_000,
    evictedKeys: 0,
    keyspaceHits: 910,
    keyspaceMisses: 1090,
  }
  const done: Operation = { ...warmupOperation, ...ended, state: 'succeeded', after }
  const comparison = { checked: 1000, same: 1000, different: 0, missing: 0, gone: 0, examples: [] }

  test('all that was compared is the same', () => {
    show({ ...done, comparison })
    expect(screen.getByText('All 1,000 keys that were compared are as in the source')).toBeVisible()
    const table = within(screen.getByRole('table', { name: 'The cluster before and after' }))
    expect(table.getByRole('row', { name: 'Keys 12 59,912 +59,900' })).toBeVisible()
    expect(screen.getByText(/The nodes’ policy evicted nothing meanwhile/)).toBeVisible()
    expect(figure('Average')).toHaveTextContent('750 keys/s')
  })

  test('what the source has lost meanwhile is not said to be as there', () => {
    show({ ...done, comparison: { ...comparison, same: 763, gone: 237 } })
    expect(
      screen.getByText('All 763 keys that the source still has are as there, of 1,000 compared'),
    ).toBeVisible()
    cleanup()
    show({ ...done, comparison: { ...comparison, same: 0, gone: 1000 } })
    expect(screen.getByText(/^None of the 1,000 keys chosen is in the source any more/)).toBeVisible()
  })

  test('what differs is counted, and shown without what could harm', () => {
    const examples = ['<img src=x>\u001b[2J: missing']
    show({
      ...done,
      state: 'needs-attention',
      comparison: { ...comparison, same: 997, different: 1, missing: 2, examples },
    })
    expect(screen.getByText('3 keys of 1,000 compared are not as in the source')).toBeVisible()
    expect(screen.getByText('<img src=x>\\x1b[2J: missing')).toBeVisible()
    expect(document.querySelector('img')).toBeNull()
  })

  test('evictions during the run are not passed over', () => {
    show({ ...done, after: { ...after, evictedKeys: 12 } })
    expect(screen.getByText(/12 keys were evicted meanwhile/)).toBeVisible()
  })

  test('a node that was left in the middle is not said to be untouched', () => {
    const counts = { evicted: 1138, kept: 0, bytes: 0 }
    const left = { outcome: 'skipped', note: 'no longer a primary', done: 0, total: 0 } as const
    show({
      ...done,
      nodes: [
        { ...left, node: 'p1:1', counts },
        { ...left, node: 'p2:1', counts: { ...counts, evicted: 0 } },
      ],
    })
    const nodes = within(screen.getByRole('table', { name: 'Nodes' }))
    expect(nodes.getByRole('row', { name: /^p1:1 left off – 1,138 / })).toBeVisible()
    expect(nodes.getByRole('row', { name: /^p2:1 not touched – 0 / })).toBeVisible()
  })

  test('a policy was read back from each node', () => {
    show({ ...policyOperation, ...ended, state: 'succeeded' })
    const nodes = within(screen.getByRole('table', { name: 'Nodes' }))
    expect(nodes.getByRole('row', { name: '127.0.0.1:7003 done maxmemory-samples 10' })).toBeVisible()
  })
})

describe('a freeze', () => {
  const paused: Operation = { ...warmupOperation, state: 'paused', gates: ['frozen'] }
  test('keeps what is paused from going on, and says why; it may be cancelled', async () => {
    show(paused, { 'GET api/v1/freeze': { on: true, reason: 'incident 4' } })
    expect(await screen.findByText('Operations are frozen: incident 4.')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Resume' })).toBeDisabled()
    expect(screen.getByRole('button', { name: 'Resume' })).toHaveAccessibleDescription(/incident 4/)
    expect(screen.getByRole('button', { name: 'Cancel the warmup' })).toBeEnabled()
  })

  test('that its page tells of above is not told again with who and why', async () => {
    const gates = ['frozen by ada since 15:28: incident 4; slotwise unfreeze ends that', 'p1:1 is slow']
    show({ ...paused, gates }, { 'GET api/v1/freeze': { on: true, reason: 'incident 4' } })
    const waits = within((await screen.findByText('It waits')).closest<HTMLElement>('[data-testid*=Alert]')!)
    expect(await waits.findByText('operations are frozen')).toBeVisible()
    expect(waits.getByText('p1:1 is slow')).toBeVisible()
    expect(screen.queryByText(/frozen by ada/, { ignore: '.sr-only' })).toBeNull()
  })

  test('that is over holds up nothing: it can be resumed', async () => {
    show(paused)
    expect(await screen.findByText('It waits: paused by a freeze that is over; resume it')).toBeVisible()
    await waitFor(() => expect(screen.getByRole('button', { name: 'Resume' })).toBeEnabled())
  })
})
