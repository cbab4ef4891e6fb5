import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test } from 'vitest'
import { exporterDown, fakeBackend } from '../../test/backend'
import { frames } from '../../test/prometheus'
import { noPrometheus, renderInApp } from '../../test/render'
import { threeShards } from '../../test/topology'
import { Shards } from './Shards'

const figures = frames({
  keys: { 'p1:1': 100_000, 'p2:1': 110_000, 'p3:1': 900_000 },
  memory: { 'p1:1': 2 ** 30, 'p2:1': 2 ** 30, 'p3:1': 2 ** 30 },
  full: { 'p1:1': 0.5 },
  commands: {},
})
const DOWN = { 'r3:1': { link: 'down' as const, lag: 2048 } }

beforeEach(() =>
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv),
)

function show(topology: unknown, query = '') {
  fakeBackend({ 'POST /api/ds/query': figures, 'GET api/v1/clusters/demo/topology': topology })
  renderInApp(<Shards cluster="demo" />, { path: `/a/slotwise-clusters-app/clusters/demo/shards${query}` })
}
const table = async () => within(await screen.findByRole('table', { name: 'Shards of demo' }))

test('a row a shard: who serves it, who stands by, what endangers it, how loaded it is', async () => {
  show(threeShards(DOWN))
  await (await table()).findByText('900,000')
  const [, first] = (await table()).getAllByRole('row')
  expect(first).toHaveTextContent(/^3 33333333/)
  expect(first).toHaveTextContent('Link of 1 replica down')
  expect(first).toHaveTextContent('r3:1 link down2 KiB behind')
  expect(within(first!).getByRole('img', { name: /their median is 105,000/ })).toBeVisible()
  expect(within(first!).getByRole('link', { name: 'p3:1' })).toHaveAttribute(
    'href',
    expect.stringMatching(/\/clusters\/demo\/nodes\/p3(:|%3A)1$/),
  )
  expect(screen.getByText('Every shard has a replica that is well.')).toBeVisible()
  expect(screen.getByText('Skew of keys').nextElementSibling).toHaveTextContent('8.18 times the median')
})

test('a slot leads to its shard, and the order stands in the URL', async () => {
  show(threeShards(), '?q=6000&sort=-Keys')
  expect((await table()).getAllByRole('row')).toHaveLength(2)
  expect((await table()).getByText('5461-10922')).toBeVisible()
  const box = screen.getByRole('textbox', { name: 'Shard, node, zone or slot' })
  await userEvent.clear(box)
  expect((await table()).getByRole('columnheader', { name: 'Keys' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  await (await table()).findByText('900,000')
  expect((await table()).getAllByRole('row')[1]).toHaveTextContent(/^3 /)
})

test('the shard that a link led to is marked', async () => {
  show(threeShards(), `?shard=${'2'.repeat(40)}`)
  expect((await table()).getByRole('row', { name: /linked/ })).toHaveTextContent(/^2 /)
})

test('that none is in trouble is good news', async () => {
  show(threeShards(), '?show=trouble')
  expect(await screen.findByText('No shard is in trouble')).toBeVisible()
  await userEvent.click(screen.getByRole('switch', { name: 'Only trouble' }))
  expect((await table()).getAllByRole('row')).toHaveLength(4)
})

test('without Prometheus the shards are there, without figures', async () => {
  noPrometheus()
  show(threeShards())
  expect((await table()).getAllByRole('row')).toHaveLength(4)
  expect(await screen.findByText('Figures of the shards could not be read from Prometheus')).toBeVisible()
})

test('an exporter that is down is said to be', async () => {
  show(exporterDown)
  expect(await screen.findByText('The exporter does not answer')).toBeVisible()
})
