import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { beforeEach, expect, test, vi } from 'vitest'
import { everythingAllowed, exporterDown, fakeBackend, problem } from '../../test/backend'
import { frames } from '../../test/prometheus'
import { noPrometheus, renderInApp } from '../../test/render'
import { threeShards } from '../../test/topology'
import { Overview } from './Overview'

const answers = (more: object = {}) => ({
  ...everythingAllowed,
  'GET api/v1/clusters/demo': {
    name: 'demo',
    state: 'fail',
    verdict: 'unhealthy',
    shards: 1,
    primaries: 1,
    replicas: 1,
    slotsCovered: 0,
    epoch: 6,
    memory: { usedBytes: 1024, maxBytes: 0 },
    operations: [],
  },
  'GET api/v1/clusters/demo/health': {
    cluster: 'demo',
    verdict: 'unhealthy',
    checks: [
      { name: 'links_up', status: 'ok', evidence: 'all links are up', todo: '' },
      {
        name: 'slots_covered',
        status: 'failing',
        evidence: '0 of 16384 slots are served',
        since: new Date().toISOString(),
        todo: 'bring back the failed primary',
      },
    ],
  },
  'GET api/v1/clusters/demo/topology': {
    cluster: 'demo',
    readAt: new Date().toISOString(),
    shards: [
      {
        id: 'a'.repeat(40),
        slots: [[0, 16383]],
        nodes: [
          { id: '2', instance: 'b:1', address: 'b:1', role: 'replica', flags: [], link: 'down', lag: 2048 },
          {
            id: '1',
            instance: 'a:1',
            address: 'a:1',
            role: 'primary',
            flags: ['fail'],
            error: 'a:1: connection refused',
          },
        ],
      },
    ],
    views: { read: 2, opinions: 2 },
  },
  'GET api/v1/events': { events: [], next: '', more: false },
  ...more,
})

beforeEach(noPrometheus)

test('the verdict comes with its evidence, failing checks first with what to do', async () => {
  fakeBackend(answers())
  renderInApp(<Overview cluster="demo" />)
  expect(await screen.findByText('Unhealthy')).toBeVisible()
  const failing = within(await screen.findByRole('list', { name: 'Failing checks' }))
  expect(failing.getByText(/^0 of 16384 slots are served/)).toBeVisible()
  expect(failing.getByRole('link', { name: 'Which slots' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/clusters/demo/slots',
  )
  expect(failing.getByText('To do: bring back the failed primary')).toBeVisible()
  const passing = screen.getByText('1 check passes')
  await userEvent.click(passing)
  expect(screen.getByText('all links are up')).toBeVisible()
})

test('who is who: each shard, its primary first, with links, lag and errors in words', async () => {
  fakeBackend(answers())
  renderInApp(<Overview cluster="demo" />)
  const table = await screen.findByRole('table', { name: 'Shards and nodes of demo' })
  const [, shard, primary, replica] = within(table).getAllByRole('row')
  expect(shard).toHaveTextContent('16,384 slots: 0-16383')
  expect(shard).toHaveTextContent('Not served')
  expect(primary).toHaveTextContent('a:1primaryFailedconnection refused')
  expect(replica).toHaveTextContent('b:1replicaOKdown2 KiB')
  expect(screen.getByText(/The nodes disagree: 2 opinions among 2 views/)).toBeVisible()
})

test('a primary that was replaced is named as what it was, with who serves now', async () => {
  const { shards, ...rest } = answers()['GET api/v1/clusters/demo/topology']
  const [shard] = shards
  const nodes = shard!.nodes.map((node) =>
    node.instance === 'b:1' ? { ...node, role: 'primary', link: undefined, lag: undefined } : node,
  )
  const nodesReachable = {
    name: 'nodes_reachable',
    status: 'failing',
    evidence: '1 of 2 nodes answer: a:1',
    todo: 'start it',
  }
  fakeBackend(
    answers({
      'GET api/v1/clusters/demo/topology': { ...rest, shards: [{ ...shard, nodes }] },
      'GET api/v1/clusters/demo': {
        ...answers()['GET api/v1/clusters/demo'],
        state: 'ok',
        slotsCovered: 16384,
      },
      'GET api/v1/clusters/demo/health': { cluster: 'demo', verdict: 'unhealthy', checks: [nodesReachable] },
    }),
  )
  renderInApp(<Overview cluster="demo" />)
  expect(await screen.findByText('Yes: every slot is served. What is not well stands below.')).toBeVisible()
  const failing = within(await screen.findByRole('list', { name: 'Failing checks' }))
  await waitFor(() =>
    expect(failing.getAllByRole('listitem')[0]).toHaveTextContent(
      'a:1, former primary of shard 1: connection refusedb:1 took over and serves its slots.',
    ),
  )
  const table = await screen.findByRole('table', { name: 'Shards and nodes of demo' })
  expect(within(table).getByRole('row', { name: /^a:1 former primary Failed/ })).toBeVisible()
})

test.each([
  [{ state: 'fail', slotsCovered: 16383 }, 'No: 1 slot has no owner that works.'],
  [{ state: 'fail', slotsCovered: 16384 }, /^No: a node finds the cluster down/],
  [{ state: 'ok', slotsCovered: 16000 }, 'In part: 384 slots have no owner that works.'],
  [{ state: 'ok', slotsCovered: 16384, verdict: 'healthy' }, 'Yes: every slot is served.'],
  [{ state: 'unknown', slotsCovered: 0 }, 'Not known: no node was read.'],
])('is it serving? %j', async (part, said) => {
  const path = 'GET api/v1/clusters/demo'
  fakeBackend(answers({ [path]: { ...answers()[path], ...part } }))
  renderInApp(<Overview cluster="demo" />)
  expect(await screen.findByText(said)).toBeVisible()
})

test('what to do next is one click away', async () => {
  fakeBackend(answers())
  renderInApp(<Overview cluster="demo" />)
  for (const [name, tab] of [
    ['Warm up', 'warmup'],
    ['Evict', 'evict'],
    ['All events of demo', 'events'],
  ])
    expect(await screen.findByRole('link', { name })).toHaveAttribute(
      'href',
      `/a/slotwise-clusters-app/clusters/demo/${tab}`,
    )
})

test('a node that is gone is not compared with its peers by what it did before', async () => {
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv)
  const commands = { 'p1:1': 3, 'p2:1': 60, 'p3:1': 61 }
  fakeBackend(
    answers({
      'GET api/v1/clusters/demo/topology': threeShards({ 'p1:1': { flags: ['fail'], error: 'refused' } }),
      'POST /api/ds/query': frames({ commands, latency: {}, memory: {}, clients: {}, alerts: {}, since: {} }),
    }),
  )
  renderInApp(<Overview cluster="demo" />)
  expect(await screen.findByText(/No node stands out from its peers/)).toBeVisible()
})

test('a shard in trouble comes first, under its number', async () => {
  fakeBackend(answers({ 'GET api/v1/clusters/demo/topology': threeShards({ 'r3:1': { error: 'refused' } }) }))
  renderInApp(<Overview cluster="demo" />)
  const table = await screen.findByRole('table', { name: 'Shards and nodes of demo' })
  const shards = within(table).getAllByRole('link', { name: /^Shard/ })
  expect(shards.map(({ textContent }) => textContent)).toEqual(['Shard 3', 'Shard 1', 'Shard 2'])
})

test('a reading that is old is said to be', async () => {
  const topology = answers()['GET api/v1/clusters/demo/topology']
  const readAt = new Date(Date.now() - 3_600_000).toISOString()
  fakeBackend(answers({ 'GET api/v1/clusters/demo/topology': { ...topology, readAt } }))
  renderInApp(<Overview cluster="demo" />)
  expect(await screen.findByText('Stale: the cluster was not read lately')).toBeVisible()
})

test('the exporter goes: what was read stays, with one note that it is old', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  try {
    const backend = fakeBackend(answers())
    renderInApp(<Overview cluster="demo" />)
    await screen.findByRole('table', { name: 'Shards and nodes of demo' })
    for (const path of ['', '/health', '/topology'])
      backend.answers[`GET api/v1/clusters/demo${path}`] = exporterDown
    await vi.advanceTimersByTimeAsync(6000)
    expect(await screen.findAllByText('Stale: The exporter does not answer')).toHaveLength(1)
    expect(screen.getByRole('table', { name: 'Shards and nodes of demo' })).toBeVisible()
  } finally {
    vi.useRealTimers()
  }
})

test('a cluster that is not there', async () => {
  fakeBackend({
    ...everythingAllowed,
    'GET api/v1/clusters/demo': problem(404, 'unknown-cluster', 'no cluster has this name'),
  })
  renderInApp(<Overview cluster="demo" />)
  expect(await screen.findByText('Not found')).toBeVisible()
  expect(screen.getByText('no cluster has this name')).toBeVisible()
  expect(screen.queryByRole('status', { name: 'Events' })).toBeNull()
  expect(screen.queryByRole('heading', { name: 'Over time' })).toBeNull()
})
