import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  everythingAllowed,
  exporterDown,
  fakeBackend,
  problem,
  roleRefused,
  type Answer,
} from '../../test/backend'
import { noPrometheus, renderInApp } from '../../test/render'
import { Clusters } from './Clusters'

const cluster = (name: string, more: object = {}) => ({
  name,
  state: 'ok',
  verdict: 'healthy',
  shards: 3,
  primaries: 3,
  replicas: 3,
  slotsCovered: 16384,
  epoch: 6,
  memory: { usedBytes: 96 * 1024 ** 2, maxBytes: 192 * 1024 ** 2 },
  operations: [],
  ...more,
})
const answers = (clusters: Answer) => ({
  ...everythingAllowed,
  'GET api/v1/clusters': clusters,
  'GET api/v1/operations': { operations: [] },
  'GET api/v1/events': { events: [], next: '', more: false },
})

beforeEach(noPrometheus)

test('a tile says how the cluster is, worst first, each with a link', async () => {
  fakeBackend(
    answers({
      clusters: [
        cluster('calm'),
        cluster('ill', {
          verdict: 'unhealthy',
          state: 'fail',
          slotsCovered: 10922,
          operations: [{ id: 'op1', kind: 'warmup', state: 'paused' }],
        }),
      ],
    }),
  )
  renderInApp(<Clusters />)
  const tiles = await screen.findAllByRole('article')
  expect(tiles.map((tile) => tile.getAttribute('aria-label'))).toEqual(['ill', 'calm'])
  const ill = within(tiles[0]!)
  expect(ill.getByText('Unhealthy')).toBeVisible()
  expect(ill.getByText(/10,922 of 16,384/)).toBeVisible()
  expect(ill.getByText('cluster_state fail')).toBeVisible()
  expect(ill.getByRole('link', { name: 'ill' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/clusters/ill/overview',
  )
  expect(ill.getByRole('link', { name: 'warmup, paused' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/operations/op1',
  )
  expect(ill.getByRole('meter', { name: 'Memory of the primaries' })).toHaveAttribute('aria-valuenow', '50')
})

test('filter and order stand in the URL', async () => {
  fakeBackend(answers({ clusters: [cluster('cache'), cluster('db'), cluster('cache-2')] }))
  renderInApp(<Clusters />, { path: '/a/slotwise-clusters-app/clusters?q=cache&sort=name' })
  const box = await screen.findByRole('textbox', { name: 'Name or verdict of clusters' })
  expect(box).toHaveValue('cache')
  expect(screen.getByRole('radio', { name: 'Name' })).toBeChecked()
  expect(screen.getAllByRole('article')).toHaveLength(2)
  await userEvent.type(box, '-nothing')
  expect(await screen.findByText('No cluster matches')).toBeVisible()
})

test('without clusters it says how to add one', async () => {
  fakeBackend(answers({ clusters: [] }))
  renderInApp(<Clusters />)
  expect(await screen.findByText('No cluster is configured')).toBeVisible()
  expect(screen.getByText(/slotwise\.yml/)).toBeVisible()
})

describe.each([
  ['the exporter is down', exporterDown, 'The exporter does not answer', /Look whether slotwise runs/],
  ['the role does not allow it', roleRefused, 'Your role does not allow this', /Ask an administrator/],
  [
    'no token is set',
    problem(401, 'unauthenticated', 'no token'),
    'The plugin has no valid token',
    /slotwise token new/,
  ],
  [
    'the token lacks a scope',
    problem(403, 'missing-scope', 'the token x lacks the scope read'),
    'The plugin’s token may not do this',
    /the token x lacks the scope read/,
  ],
])('when %s', (_, answer, title, todo) => {
  test('it says so, and what to do', async () => {
    fakeBackend(answers(answer))
    renderInApp(<Clusters />)
    expect(await screen.findByText(title)).toBeVisible()
    expect(screen.getByText(todo)).toBeVisible()
  })
})

test('what was read stays when the exporter goes, with a note how old it is', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  try {
    const backend = fakeBackend(answers({ clusters: [cluster('demo')] }))
    renderInApp(<Clusters />)
    await screen.findByRole('article', { name: 'demo' })
    backend.answers['GET api/v1/clusters'] = exporterDown
    await vi.advanceTimersByTimeAsync(6000)
    expect(await screen.findByText('Stale: The exporter does not answer')).toBeVisible()
    expect(screen.getByText(/last known state of the clusters/)).toBeVisible()
    expect(screen.getByRole('article', { name: 'demo' })).toBeVisible()
  } finally {
    vi.useRealTimers()
  }
})
