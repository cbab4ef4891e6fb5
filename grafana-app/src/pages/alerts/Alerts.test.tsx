import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { screen, within } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { exporterDown, fakeBackend, problem } from '../../test/backend'
import { frames } from '../../test/prometheus'
import { noPrometheus, renderInApp } from '../../test/render'
import { threeShards } from '../../test/topology'
import { RULES } from '../../features/alerts/rules'
import { Alerts } from './Alerts'

const RULES_PATH = 'GET /api/datasources/uid/p/resources/api/v1/rules'
const alive = { 'p1:1': 1, 'p2:1': 1, 'p3:1': 1, 'r1:1': 1, 'r2:1': 1, 'r3:1': 1 }
const rule = (name: string, more: object = {}) => ({
  type: 'alerting',
  name,
  state: 'inactive',
  health: 'ok',
  alerts: [],
  ...(name === 'Watchdog' && { state: 'firing' }),
  ...more,
})
const loaded = (changed: Record<string, object | undefined> = {}) => ({
  status: 'success',
  data: {
    groups: [
      {
        rules: Object.keys(RULES)
          .filter((name) => !(name in changed && changed[name] === undefined))
          .map((name) => rule(name, changed[name])),
      },
    ],
  },
})
const health = (checks: readonly object[]) => ({ cluster: 'demo', verdict: 'healthy', checks })

beforeEach(() =>
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv),
)

function show(more: Record<string, unknown> = {}) {
  fakeBackend({
    [RULES_PATH]: loaded(),
    'POST /api/ds/query': frames({ alerts: {}, since: {}, up: alive }),
    'GET api/v1/alerts': { alerts: [], dropped: 0 },
    'GET api/v1/clusters/demo/topology': threeShards(),
    'GET api/v1/clusters/demo/health': health([]),
    'GET api/v1/events': { events: [], next: '', more: false },
    ...more,
  })
  renderInApp(<Alerts cluster="demo" />)
}
const table = async () => within(await screen.findByRole('table', { name: 'Rules that Slotwise ships' }))

test('when everything is covered it says so', async () => {
  show()
  expect(await screen.findByText(/Every rule that Slotwise ships is evaluated/)).toBeVisible()
  expect((await table()).getAllByRole('row')).toHaveLength(1 + Object.keys(RULES).length)
  expect((await table()).getByRole('row', { name: /Watchdog/ })).toHaveTextContent('fires, as it should')
  expect(await screen.findByText(/It has never told of one/)).toBeVisible()
})

test('of a cluster without a known node it does not say that all its data is there', async () => {
  show({ 'GET api/v1/clusters/demo/topology': { ...threeShards(), shards: [] } })
  expect(await screen.findByText(/nobody knows whose data is missing/)).toBeVisible()
})

test('a rule that is missing or broken comes first, with what nobody would be told of', async () => {
  const broken = { health: 'err', lastError: 'many-to-many matching' }
  const elsewhere = { alerts: [{ state: 'firing', labels: { redis_cluster: 'cold' } }] }
  const here = { alerts: [{ state: 'firing', labels: { redis_cluster: 'demo' } }] }
  show({
    [RULES_PATH]: loaded({
      RedisNodeDown: undefined,
      RedisClusterDown: broken,
      RedisSlotsNotCovered: elsewhere,
      RedisEvictionDrift: here,
    }),
  })
  const [, first, second, third] = (await table()).getAllByRole('row')
  expect(first).toHaveTextContent('RedisNodeDownnot loaded')
  expect(second).toHaveTextContent('RedisClusterDowndoes not workmany-to-many matching')
  expect(third).toHaveTextContent('RedisEvictionDriftfires')
  expect((await table()).getByRole('row', { name: /RedisSlotsNotCovered/ })).toHaveTextContent('quiet')
  const gaps = within(await screen.findByRole('list', { name: 'What no alert tells of' }))
  expect(gaps.getByText(/2 rules of Slotwise are not evaluated/)).toHaveTextContent('a node does not answer')
  expect(screen.getByText(/Prometheus has 1 rule too few/)).toBeVisible()
})

test('the heartbeat is well while it fires, and broken when it does not', async () => {
  show({ [RULES_PATH]: loaded({ Watchdog: { state: 'inactive' } }) })
  expect((await table()).getAllByRole('row')[1]).toHaveTextContent('Watchdogdoes not work')
})

test('nodes without data and checks without a rule are named', async () => {
  const rest = { 'p1:1': 1, 'p2:1': 1, 'p3:1': 1, 'r1:1': 1, 'r2:1': 1 }
  show({
    'POST /api/ds/query': frames({ alerts: {}, since: {}, up: rest }),
    'GET api/v1/clusters/demo/health': health([
      { name: 'links_up', status: 'failing', evidence: 'down: r1:1', todo: 'x' },
      { name: 'slots_covered', status: 'failing', evidence: '1 of 16384', todo: 'x' },
    ]),
  })
  const gaps = within(await screen.findByRole('list', { name: 'What no alert tells of' }))
  expect(gaps.getByText(/Prometheus has no data of/)).toHaveTextContent('r3:1')
  expect(gaps.getByText(/The check “Links up” fails \(down: r1:1\)/)).toBeVisible()
  expect(gaps.getAllByRole('listitem')).toHaveLength(2)
})

test('what follows from a node that is gone is covered by the rule that tells of the node', async () => {
  show({
    'GET api/v1/clusters/demo/topology': threeShards({ 'p1:1': { flags: ['fail'], error: 'refused' } }),
    'GET api/v1/clusters/demo/health': health([
      { name: 'nodes_reachable', status: 'failing', evidence: '5 of 6 nodes answer: p1:1', todo: 'x' },
      { name: 'links_up', status: 'failing', evidence: 'cluster bus link down: p1:1', todo: 'x' },
    ]),
  })
  expect(await screen.findByText(/Every rule that Slotwise ships is evaluated/)).toBeVisible()
})

test('that Prometheus is gone is told in full once, by what fires', async () => {
  show({ [RULES_PATH]: problem(502, '', ''), 'POST /api/ds/query': problem(502, '', '') })
  expect(await screen.findByText('The alert rules could not be read from Prometheus.')).toBeVisible()
  expect(await screen.findByText('Not known: Prometheus could not be asked.')).toBeVisible()
  expect(screen.getAllByText(/Look whether Prometheus runs/)).toHaveLength(1)
})

test('that Alertmanager comes through is told by the log', async () => {
  const event = { id: '1', type: 'io.slotwise.alert.fired', subject: 'alerts/cold', data: {}, position: '1' }
  show({
    'GET api/v1/events': { events: [{ ...event, time: new Date().toISOString() }], next: '', more: false },
  })
  expect(await screen.findByText(/Yes: it last told of an alert/)).toBeVisible()
})

test('rules that cannot be read are no rules that are missing', async () => {
  show({ [RULES_PATH]: undefined })
  expect(await screen.findByText('The alert rules could not be read from Prometheus')).toBeVisible()
  expect(screen.queryByText(/not evaluated/)).toBeNull()
  expect(screen.queryByRole('table', { name: 'Rules that Slotwise ships' })).toBeNull()
})

test('without a data source, and without the exporter, each part says what is wrong with it', async () => {
  noPrometheus()
  show({
    'GET api/v1/clusters/demo/topology': exporterDown,
    'GET api/v1/alerts': exporterDown,
    'GET api/v1/events': exporterDown,
  })
  expect((await screen.findAllByText('The exporter does not answer')).length).toBeGreaterThan(0)
  expect(await screen.findByText('Not known: The exporter does not answer.')).toBeVisible()
  expect((await screen.findAllByText(/There is no Prometheus data source/)).length).toBeGreaterThan(0)
})
