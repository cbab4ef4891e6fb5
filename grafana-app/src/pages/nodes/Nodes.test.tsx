import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test } from 'vitest'
import { exporterDown, fakeBackend } from '../../test/backend'
import { frames } from '../../test/prometheus'
import { noPrometheus, renderInApp } from '../../test/render'
import { threeShards } from '../../test/topology'
import { Nodes } from './Nodes'

const MIB = 1024 ** 2
const figures = frames({
  memory: { 'p1:1': 20 * MIB, 'p2:1': 90 * MIB, 'p3:1': 22 * MIB, 'r1:1': 20 * MIB },
  full: { 'p1:1': 0.2, 'p2:1': 0.97, 'p3:1': 0.22 },
  commands: { 'p1:1': 100, 'p2:1': 110, 'p3:1': 1100, 'r1:1': 5 },
  latency: { 'p1:1': 0.000012 },
  cpu: {},
  clients: {},
  evicted: {},
  lag: {},
  uptime: { 'p1:1': 7500 },
})
const DEAD = { 'r2:1': { error: 'r2:1: connection refused', link: 'down' as const } }

beforeEach(() =>
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv),
)

function show(answers: Record<string, unknown>, query = '') {
  const all = { 'POST /api/ds/query': figures, ...answers }
  const backend = fakeBackend(all)
  renderInApp(<Nodes cluster="demo" />, { path: `/a/slotwise-clusters-app/clusters/demo/nodes${query}` })
  return backend
}
const table = () => screen.findByRole('table', { name: 'Nodes of demo' })
const names = async () =>
  within(await table())
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('cell')[0]!.textContent)

test('what is in trouble comes first, then what is unlike its peers; each leads to its page', async () => {
  show({ 'GET api/v1/clusters/demo/topology': threeShards(DEAD) })
  await within(await table()).findByText('97 %', { exact: false })
  expect(await names()).toEqual(['r2:1', 'p2:1', 'p3:1', 'p1:1', 'r1:1', 'r3:1'])
  const dead = within(await table()).getByRole('row', { name: /r2:1/ })
  expect(dead).toHaveTextContent('Does not answer')
  expect(dead).toHaveTextContent('connection refused')
  expect(within(dead).getByRole('link', { name: 'r2:1' })).toHaveAttribute(
    'href',
    expect.stringMatching(/\/clusters\/demo\/nodes\/r2(:|%3A)1$/),
  )
  const hot = within(await table()).getByRole('row', { name: /p3:1/ })
  expect(
    within(hot).getByRole('img', { name: /10 times the median of the other primaries, 105\/s/ }),
  ).toBeVisible()
})

test('columns can be chosen for the order, which stands in the URL', async () => {
  show({ 'GET api/v1/clusters/demo/topology': threeShards() }, '?sort=Node')
  expect(await names()).toEqual(['p1:1', 'p2:1', 'p3:1', 'r1:1', 'r2:1', 'r3:1'])
  const header = () => within(screen.getByRole('table')).getByRole('columnheader', { name: 'Commands' })
  await within(await table()).findByText('1,100/s')
  await userEvent.click(within(header()).getByRole('button', { name: 'Commands' }))
  expect(header()).toHaveAttribute('aria-sort', 'descending')
  expect((await names()).slice(0, 4)).toEqual(['p3:1', 'p2:1', 'p1:1', 'r1:1'])
  await userEvent.click(within(header()).getByRole('button', { name: 'Commands' }))
  expect(header()).toHaveAttribute('aria-sort', 'ascending')
  // what is not known stays last
  expect((await names()).slice(0, 2)).toEqual(['r1:1', 'p1:1'])
})

test('filters narrow the nodes and stand in the URL', async () => {
  show({ 'GET api/v1/clusters/demo/topology': threeShards(DEAD) }, '?show=replica&q=shard 3')
  expect(await names()).toEqual(['r3:1'])
  await userEvent.click(screen.getByRole('radio', { name: 'Only trouble' }))
  // unlike its peers
  await waitFor(async () => expect(await names()).toEqual(['p3:1']))
  const box = screen.getByRole('textbox', { name: 'Name, shard or zone of nodes' })
  await userEvent.clear(box)
  await waitFor(async () => expect(await names()).toEqual(['r2:1', 'p2:1', 'p3:1']))
  await userEvent.type(box, 'nobody')
  expect(await screen.findByText('No node matches')).toBeVisible()
})

test('that none is in trouble is good news', async () => {
  noPrometheus()
  show({ 'GET api/v1/clusters/demo/topology': threeShards() }, '?show=trouble')
  expect(await screen.findByText('No node is in trouble')).toBeVisible()
  expect(screen.getByText(/Whether one is unlike its peers is not known/)).toBeVisible()
})

test('without Prometheus the nodes are there, without figures', async () => {
  noPrometheus()
  show({ 'GET api/v1/clusters/demo/topology': threeShards() })
  expect(await names()).toHaveLength(6)
  expect(await screen.findByText('Figures of the nodes could not be read from Prometheus')).toBeVisible()
})

test('an exporter that is down is said to be', async () => {
  show({ 'GET api/v1/clusters/demo/topology': exporterDown })
  expect(await screen.findByText('The exporter does not answer')).toBeVisible()
})
