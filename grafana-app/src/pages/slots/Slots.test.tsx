import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { fireEvent, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { exporterDown, fakeBackend, unanswered } from '../../test/backend'
import { frame } from '../../test/prometheus'
import { noPrometheus, renderInApp } from '../../test/render'
import { threeShards } from '../../test/topology'
import { Slots } from './Slots'

// jsdom has no pixels; the browser tests look at them.
vi.mock('./draw', async (original) => ({ ...(await original<object>()), draw: () => undefined }))

beforeEach(noPrometheus)

function show(topology: unknown, query = '', more: Record<string, unknown> = {}) {
  const backend = fakeBackend({ 'GET api/v1/clusters/demo/topology': topology, ...more })
  renderInApp(<Slots cluster="demo" />, { path: `/a/slotwise-clusters-app/clusters/demo/slots${query}` })
  return backend
}
const map = () => screen.findByRole('slider', { name: 'Slot' })

test('the slot of the URL is chosen, and arrow keys go on from there', async () => {
  show(threeShards(), '?slot=5460')
  expect(await map()).toHaveAttribute('aria-valuetext', 'Slot 5460: shard 1, p1:1')
  ;(await map()).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(await map()).toHaveAttribute('aria-valuetext', 'Slot 5461: shard 2, p2:1')
  await userEvent.keyboard('{ArrowUp}')
  expect(await map()).toHaveAttribute('aria-valuenow', String(5461 - 128))
  await userEvent.keyboard('{End}{ArrowRight}')
  expect(await map()).toHaveAttribute('aria-valuenow', '16383')
  expect(screen.getByRole('link', { name: 'Look at p3:1' })).toBeVisible()
  expect(screen.getByRole('spinbutton', { name: 'Slot' })).toHaveValue(16_383)
})

test('the table tells the same as the map, what is not served first', async () => {
  show(threeShards({ 'p3:1': { flags: ['fail'] } }))
  const table = within(await screen.findByRole('table', { name: 'Who owns which slots' }))
  const [, first, second] = table.getAllByRole('row')
  expect(first).toHaveTextContent('10923163835,4613p3:1 Not served')
  expect(second).toHaveTextContent('054605,4611p1:1')
  expect(screen.getByText('5,461 slots').parentElement).toHaveTextContent('are not served')
})

test('slots on their way are named, from where to where, and lead to their place on the map', async () => {
  const migrating = [
    {
      from: 'p1:1',
      to: 'p2:1',
      slots: [
        [7, 9],
        [12, 12],
      ],
    },
  ]
  show({ ...threeShards(), migrating }, '?slot=8')
  expect(await map()).toHaveAttribute('aria-valuetext', 'Slot 8: shard 1, p1:1, on its way to p2:1')
  const moves = within(screen.getByRole('table', { name: 'Slots on their way' }))
  expect(moves.getAllByRole('row')[1]).toHaveTextContent('47-9, 12p1:1p2:1')
  await userEvent.click(moves.getByRole('button', { name: 'Show slot 12 on the map' }))
  expect(await map()).toHaveAttribute('aria-valuenow', '12')
})

test('of many ranges on their way the first are shown, and how many there are', async () => {
  const slots = Array.from({ length: 25 }, (_, i) => [2 * i, 2 * i])
  show({ ...threeShards(), migrating: [{ from: 'p1:1', to: 'p2:1', slots }] })
  const moves = within(await screen.findByRole('table', { name: 'Slots on their way' }))
  expect(moves.getAllByRole('button')).toHaveLength(20)
  expect(moves.getByText(/and 5 more ranges/)).toBeVisible()
})

test('without a move nothing is said of moves', async () => {
  show(threeShards())
  await map()
  expect(screen.queryByRole('table', { name: 'Slots on their way' })).toBeNull()
})

const owned = (streamversion: number, p1: number[][], p2: number[][]) => ({
  ...{ id: String(streamversion), streamversion, subject: 'cluster/demo' },
  type: 'io.slotwise.cluster.discovered',
  time: new Date(1.8e12 + streamversion * 1000).toISOString(),
  data: {
    nodes: [p1, p2, [[10_923, 16_383]]].map((slots, i) => ({
      ...{ id: `id-of-p${i + 1}:1`, instance: `p${i + 1}:1`, role: 'primary', primaryId: '', failed: false },
      ...{ shard: String(i + 1).repeat(40), slots },
    })),
  },
})

test('earlier owners are gone through moment by moment, and the moment stands in the URL', async () => {
  const events = [owned(9, [[0, 5460]], [[5461, 10_922]]), owned(4, [[0, 99]], [[100, 10_922]])]
  const backend = show(threeShards(), '?slot=200', {
    'GET api/v1/events': ({ url }: { url: string }) => ({
      events: url.includes('cluster.discovered') ? events : [],
      next: '',
      more: false,
    }),
  })
  expect(await map()).toHaveAttribute('aria-valuetext', 'Slot 200: shard 1, p1:1')
  expect(backend.calls.filter(({ url }) => url.includes('/events'))).toEqual([])
  await userEvent.click(screen.getByRole('button', { name: 'Earlier' }))
  const moment = await screen.findByRole('slider', { name: 'Moment' })
  expect(moment).toHaveAttribute('aria-valuetext', 'now')
  expect(moment).toHaveValue('2')
  fireEvent.change(moment, { target: { value: '0' } })
  expect(await map()).toHaveAttribute('aria-valuetext', 'Slot 200: shard 2, p2:1')
  expect(screen.getByText(/5,361 slots are in another shard now/)).toBeVisible()
  expect(screen.getByRole('radio', { name: 'Keys' })).toBeDisabled()
  await userEvent.click(screen.getByRole('button', { name: 'Back to now' }))
  expect(await map()).toHaveAttribute('aria-valuetext', 'Slot 200: shard 1, p1:1')
  expect(screen.queryByRole('slider', { name: 'Moment' })).toBeNull()
})

test('a log that knows of no other owner says so', async () => {
  show(threeShards(), '?at=now', { 'GET api/v1/events': { events: [], next: '', more: false } })
  expect(await screen.findByText(/does not reach back to another owner/)).toBeVisible()
})

test('heat comes with the hottest slots, and with how much of it is known', async () => {
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv)
  const frames = [frame('heat', { slot: '7' }, 300), frame('heat', { slot: '6000' }, 100)]
  show(threeShards(), '?show=keys&slot=7', { 'POST /api/ds/query': { results: { heat: { frames } } } })
  const table = within(await screen.findByRole('table', { name: 'Hottest slots' }))
  expect(table.getAllByRole('row')[1]).toHaveTextContent('7300 keys75 %p1:1')
  expect(await map()).toHaveAttribute('aria-valuetext', 'Slot 7: shard 1, p1:1, 300 keys')
  expect(screen.getByText(/figures of 2 slots/)).toBeVisible()
})

test('owners need no figures: Prometheus is asked for heat only', async () => {
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv)
  const { calls } = show(threeShards(), '', { 'POST /api/ds/query': unanswered })
  await map()
  const asked = () => calls.filter(({ method }) => method === 'POST').length
  expect(asked()).toBe(0)
  await userEvent.click(screen.getByRole('radio', { name: 'CPU' }))
  expect(await screen.findByText(/the map shows owners until then/)).toBeVisible()
  expect(asked()).toBe(1)
})

test('without figures of slots it says what they need', async () => {
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv)
  show(threeShards(), '?show=cpu', { 'POST /api/ds/query': { results: {} } })
  expect(await screen.findByText(/--collector.slot_stats/)).toBeVisible()
  expect(await screen.findByText('No slot has a figure')).toBeVisible()
})

test('without Prometheus the owners are there all the same', async () => {
  show(threeShards(), '?show=keys')
  expect(await screen.findByText('Figures of the slots could not be read from Prometheus')).toBeVisible()
  expect(screen.getByRole('table', { name: 'Who owns which slots' })).toBeVisible()
})

test('an exporter that is down is said to be', async () => {
  show(exporterDown)
  expect(await screen.findByText('The exporter does not answer')).toBeVisible()
})
