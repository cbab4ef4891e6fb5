import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { screen, within } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { exporterDown, fakeBackend, unanswered } from '../../test/backend'
import { frame } from '../../test/prometheus'
import { noPrometheus, renderInApp } from '../../test/render'
import { threeShards } from '../../test/topology'
import { Node } from './Node'

// Scenes draw on a canvas, which jsdom has not; the browser tests look at the charts.
vi.mock('./NodeCharts', () => ({ NodeCharts: () => <p>charts</p> }))

const event = (id: string, type: string, data: object) => ({
  id,
  type: `io.slotwise.${type}`,
  subject: 'cluster/demo',
  time: new Date(Date.now() - 60_000).toISOString(),
  position: id,
  data,
})
const answers = (more: object = {}, changed: Parameters<typeof threeShards>[0] = {}) => ({
  'GET api/v1/clusters/demo/topology': threeShards(changed),
  'GET api/v1/clusters/demo/health': { cluster: 'demo', verdict: 'healthy', checks: [] },
  'GET api/v1/clusters/demo/eviction': {
    cluster: 'demo',
    effective: {},
    nodes: [
      { id: 'id-of-p1:1', instance: 'p1:1', shard: '1', role: 'primary', policy: 'noeviction', samples: 5 },
      { id: 'id-of-p2:1', instance: 'p2:1', shard: '2', role: 'primary', policy: 'allkeys-lru', samples: 5 },
    ],
    drift: [
      {
        parameter: 'policy',
        values: [
          { value: 'allkeys-lru', nodes: ['p2:1', 'p3:1', 'r1:1'] },
          { value: 'noeviction', nodes: ['p1:1'] },
        ],
      },
    ],
    unpersisted: [],
    pressure: {},
    sample: { state: 'none' },
    advice: [],
  },
  'GET api/v1/alerts': { alerts: [], dropped: 0 },
  'GET api/v1/events': {
    events: [
      event('2', 'cluster.failover', { shard: 's', from: 'r1:1', to: 'p1:1', epoch: 2 }),
      event('1', 'cluster.failover', { shard: 't', from: 'p2:1', to: 'r2:1', epoch: 1 }),
    ],
    next: '',
    more: false,
  },
  ...more,
})

beforeEach(noPrometheus)

const show = (given: Record<string, unknown>, query = '', instance = 'p1:1') => {
  fakeBackend(given)
  renderInApp(<Node cluster="demo" instance={instance} />, {
    path: `/a/slotwise-clusters-app/clusters/demo/nodes/${instance}${query}`,
  })
}

test('the summary says who it is, why it, and what changed, of this node only', async () => {
  show(answers())
  expect(await screen.findByRole('heading', { name: 'Primary p1:1' })).toBeVisible()
  expect(screen.getByRole('link', { name: 'replica r1:1' })).toBeVisible()
  const why = await screen.findByRole('list', { name: 'Why this node' })
  expect(await within(why).findByText('maxmemory-policy is noeviction, unlike on most nodes')).toBeVisible()
  expect(within(why).getByRole('link', { name: 'Show' })).toHaveAttribute(
    'href',
    expect.stringContaining('part=configuration'),
  )
  const events = within(await screen.findByRole('list', { name: 'Events of the node' }))
  expect(events.getAllByRole('listitem')).toHaveLength(1)
  expect(events.getByText(/p1:1 took over from r1:1/)).toBeVisible()
  expect(screen.getByRole('link', { name: 'All events that name it' })).toHaveAttribute(
    'href',
    expect.stringMatching(/events\?q=p1(:|%3A)1$/),
  )
})

const quiet = { cluster: 'demo', effective: {}, nodes: [], drift: [], unpersisted: [], advice: [] }
const NOTHING = {
  'GET api/v1/clusters/demo/eviction': quiet,
  'GET api/v1/events': { events: [], next: '', more: false },
}

test('that nothing is wrong is said once all have answered', async () => {
  show(answers({ ...NOTHING, 'GET api/v1/clusters/demo/health': unanswered }))
  expect(await screen.findByText(/Nothing, as far as the last 500 events/)).toBeVisible()
  expect(await screen.findByText('Figures of the node could not be read from Prometheus')).toBeVisible()
  expect(screen.queryByText(/Nothing is wrong with it/)).toBeNull()
  expect(screen.getAllByText('Asking Prometheus and the exporter…')).not.toHaveLength(0)
})

test('what could not be read is not called well', async () => {
  show(answers({ ...NOTHING, 'GET api/v1/clusters/demo/health': exporterDown }))
  expect(await screen.findByText(/Nothing is wrong with it.*Could not be read: its checks\./)).toBeVisible()
})

test('its configuration is beside that of the others, what differs first', async () => {
  show(answers(), '?part=configuration')
  const table = await screen.findByRole('table', { name: 'Configuration of p1:1' })
  const [, first, second] = within(table).getAllByRole('row')
  expect(first).toHaveTextContent('maxmemory-policynoevictionallkeys-lru on 3 nodesdiffers')
  expect(second).toHaveTextContent('maxmemory-samples55')
  expect(
    within(screen.getByRole('navigation', { name: 'Parts of the node' })).getByText('Configuration'),
  ).toHaveAttribute('aria-current', 'page')
})

test('figures of a part stand beside those of its peers', async () => {
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv)
  const clients = { 'p1:1': 900, 'p2:1': 20, 'p3:1': 30, 'r1:1': 1 }
  const series = Object.entries(clients).map(([instance, value]) => frame('clients', { instance }, value))
  show(answers({ 'POST /api/ds/query': { results: { clients: { frames: series } } } }), '?part=clients')
  const table = await screen.findByRole('table', { name: 'Clients of p1:1' })
  const row = within(table).getByRole('row', { name: /^Clients/ })
  expect(row).toHaveTextContent('Clients90025 (median)20 – 30unlike its peers')
  expect(await screen.findByText('charts')).toBeVisible()
})

test('without Prometheus a part says so, and what to do about the rest', async () => {
  show(answers(), '?part=memory')
  expect(await screen.findByText(/There is no Prometheus data source/)).toBeVisible()
})

test('a node that is gone from the cluster leads on', async () => {
  show(answers(), '', 'old:1')
  expect(await screen.findByText('demo has no node old:1')).toBeVisible()
  expect(screen.getByRole('link', { name: 'Nodes of demo' })).toBeVisible()
  expect(screen.getByRole('link', { name: 'What happened to it' })).toBeVisible()
})

test('an exporter that is down is said to be', async () => {
  show(answers({ 'GET api/v1/clusters/demo/topology': exporterDown }))
  expect(await screen.findByText('The exporter does not answer')).toBeVisible()
})
