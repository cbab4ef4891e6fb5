import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test } from 'vitest'
import { everythingAllowed, fakeBackend } from '../../test/backend'
import { FakeEventSource } from '../../test/eventSource'
import { renderInApp } from '../../test/render'
import { ClusterEvents, Events } from './Events'

let position = 100
const event = (subject: string, type: string, data: object, time = new Date().toISOString()) => {
  position++
  return {
    specversion: '1.0',
    id: `id-${position}`,
    source: 'slotwise/test',
    type: `io.slotwise.${type}`,
    subject,
    time,
    datacontenttype: 'application/json',
    data,
    streamversion: 1,
    position: String(position),
    previoushash: '',
    hash: 'h',
  }
}
const failover = event('cluster/demo', 'cluster.failover', { shard: 's1', from: 'a:1', to: 'b:1' })
const run = event('operation/0123456789', 'operation.requested', {
  hash: 'h',
  reason: 'CHG-7',
  by: { token: 'grafana-run', claimedUser: 'alice' },
})
const digest = event('digest', 'log.digest', { heads: {} })

interface Query {
  readonly url: string
}
const parameters = ({ url }: Query) => new URL(url, 'http://x').searchParams

/** Pages of the log by their order and place. */
function backend(pages: Record<string, { events: object[]; next?: string; more?: boolean }>) {
  return fakeBackend({
    ...everythingAllowed,
    'GET api/v1/events': (request: Query) => {
      const query = parameters(request)
      const page = pages[`${query.get('order')} ${query.get('after') ?? ''}`.trim()] ?? { events: [] }
      return { next: '', more: false, ...page }
    },
  })
}
const lines = () => within(screen.getByRole('list', { name: /^Events/ })).getAllByRole('listitem')

beforeEach(() => (FakeEventSource.last = undefined))

test('events read as sentences, with who and links; anchors of the log only on demand', async () => {
  backend({ newest: { events: [digest, run, failover] } })
  renderInApp(<Events />, { path: '/a/slotwise-clusters-app/events' })
  expect(await screen.findByText(/Failover in the shard s1: b:1 took over from a:1\./)).toBeVisible()
  expect(screen.getByRole('link', { name: 'demo' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/clusters/demo/overview',
  )
  expect(screen.getByText('A run began: CHG-7.', { exact: false })).toBeVisible()
  expect(screen.getByText('by alice (token grafana-run)')).toBeVisible()
  expect(screen.getByRole('link', { name: 'operation 01234567' })).toHaveAttribute(
    'href',
    '/a/slotwise-clusters-app/operations/0123456789',
  )
  expect(lines()).toHaveLength(2)
  await userEvent.click(screen.getByRole('button', { name: 'Bookkeeping' }))
  expect(lines()).toHaveLength(3)
})

test('a plan that was not run has no page to lead to', async () => {
  const by = { token: 't' }
  const plan = event('operation/aaaaaaaa1', 'plan.requested', {
    kind: 'warmup',
    cluster: 'demo',
    spec: {},
    by,
  })
  const ran = event('operation/bbbbbbbb2', 'plan.requested', {
    kind: 'warmup',
    cluster: 'demo',
    spec: {},
    by,
  })
  const began = event('operation/bbbbbbbb2', 'operation.requested', { hash: 'h', reason: '', by })
  backend({ newest: { events: [began, ran, plan] } })
  renderInApp(<Events />)
  expect(await screen.findByText('plan aaaaaaaa, warmup, not run')).toBeVisible()
  expect(screen.getAllByRole('link', { name: /warmup/ }).map((link) => link.textContent)).toEqual([
    'warmup bbbbbbbb',
    'warmup bbbbbbbb',
  ])
})

test('filters come from the URL, and a text finds people', async () => {
  backend({ newest: { events: [run, failover] } })
  renderInApp(<Events />, { path: '/a/slotwise-clusters-app/events?q=alice&lanes=operations,topology' })
  expect(await screen.findByRole('textbox', { name: 'Text in events' })).toHaveValue('alice')
  await waitFor(() => expect(lines()).toHaveLength(1))
  await userEvent.type(screen.getByRole('textbox', { name: 'Text in events' }), ' no such')
  expect(await screen.findByText('No event matches')).toBeVisible()
})

test('older events are read on demand, where the last page ended', async () => {
  backend({
    newest: { events: [run], next: '101', more: true },
    'newest 101': { events: [failover] },
  })
  renderInApp(<Events />)
  await userEvent.click(await screen.findByRole('button', { name: 'Older events' }))
  await waitFor(() => expect(lines()).toHaveLength(2))
  expect(screen.queryByRole('button', { name: 'Older events' })).not.toBeInTheDocument()
  expect(screen.getByText(/where the log begins/)).toBeVisible()
})

test('a new event makes the log be read on, filtered as the page is', async () => {
  const newer = event('cluster/demo', 'cluster.node-removed', { id: 'x', instance: 'c:1' })
  const { calls } = backend({
    newest: { events: [failover] },
    [`oldest ${failover.position}`]: { events: [newer] },
  })
  renderInApp(<ClusterEvents cluster="demo" />)
  await waitFor(() => expect(lines()).toHaveLength(1))
  FakeEventSource.last!.open()
  FakeEventSource.last!.send(newer)
  await waitFor(() => expect(lines()).toHaveLength(2))
  expect(lines()[0]).toHaveTextContent('The node c:1 is gone')
  const read = calls.filter(({ url }) => parameters({ url }).get('order') === 'oldest')
  expect(read.map(({ url }) => parameters({ url }).get('cluster'))).toEqual(['demo'])
})

test('an event can be seen as it stands in the log', async () => {
  backend({ newest: { events: [failover] } })
  renderInApp(<Events />)
  await userEvent.click(await screen.findByRole('button', { name: /as it stands in the log/ }))
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).getByRole('region', { name: 'The event in JSON' })).toHaveTextContent(
    '"type": "io.slotwise.cluster.failover"',
  )
})

test('the event that is opened stands in the URL', async () => {
  backend({ newest: { events: [run, failover] } })
  renderInApp(<Events />, { path: `/a/slotwise-clusters-app/events?event=${failover.id}` })
  const dialog = await screen.findByRole('dialog')
  expect(within(dialog).getByText('cluster.failover')).toBeVisible()
  await userEvent.click(within(dialog).getByRole('button', { name: /close/i }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

test('an empty log says so', async () => {
  backend({ newest: { events: [] } })
  renderInApp(<Events />)
  expect(await screen.findByText('Nothing has happened yet')).toBeVisible()
})
