import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { screen, waitFor, within } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { exporterDown, fakeBackend, problem, unanswered } from '../../test/backend'
import { renderInApp } from '../../test/render'
import { frame } from '../../test/prometheus'
import { FiringAlerts } from './FiringAlerts'

const ours = { alertname: 'RedisNodeDown', instance: 'a:1', severity: 'page', redis_cluster: 'demo' }
const theirs = { alertname: 'TheirOwn', redis_cluster: 'demo' }
const since = Math.floor(Date.now() / 1000) - 600
const firing = (labels: Record<string, string>) =>
  frame('alerts', { ...labels, __name__: 'ALERTS', alertstate: 'firing' }, 1)
const prometheus = {
  results: {
    alerts: { frames: [firing(ours), firing(theirs)] },
    since: { frames: [frame('since', { ...ours, __name__: 'ALERTS_FOR_STATE' }, since)] },
  },
}
const told = {
  alerts: [
    {
      cluster: 'demo',
      fingerprint: 'f1',
      name: 'RedisNodeDown',
      severity: 'page',
      node: 'a:1',
      labels: { ...ours, region: 'eu' },
      startsAt: new Date((since + 20) * 1000).toISOString(),
      toldAt: new Date().toISOString(),
      summary: 'Redis node a:1 does not answer',
    },
    {
      cluster: 'demo',
      fingerprint: 'f2',
      name: 'FromElsewhere',
      labels: { alertname: 'FromElsewhere', redis_cluster: 'demo', rack: '7' },
      startsAt: new Date((since - 3600) * 1000).toISOString(),
      toldAt: new Date().toISOString(),
      runbook: 'javascript:alert(1)',
    },
  ],
  dropped: 0,
}
const NONE = { results: { alerts: { frames: [] }, since: { frames: [] } } }

beforeEach(() =>
  setDataSourceSrv({ getList: () => [{ uid: 'p', isDefault: true }] } as unknown as DataSourceSrv),
)

const show = (answers: Record<string, unknown>, node?: string) => {
  const backend = fakeBackend(answers)
  renderInApp(<FiringAlerts cluster="demo" {...(node !== undefined && { node })} />)
  return backend
}
const row = (table: HTMLElement, name: RegExp) => within(within(table).getByRole('row', { name }))

test('alerts of Prometheus and of Alertmanager, each once, pages first, with who says so', async () => {
  show({ 'POST /api/ds/query': prometheus, 'GET api/v1/alerts': told })
  const table = await screen.findByRole('table', { name: 'Firing alerts' })
  expect(await within(table).findByText('FromElsewhere')).toBeVisible()
  const [, first] = within(table).getAllByRole('row')
  expect(first).toHaveTextContent('RedisNodeDown')
  expect(row(table, /RedisNodeDown/).getByText('10 min ago')).toBeVisible()
  expect(row(table, /RedisNodeDown/).getByText('Prometheus and Alertmanager')).toBeVisible()
  expect(row(table, /RedisNodeDown/).getByText('Redis node a:1 does not answer')).toBeVisible()
  expect(row(table, /RedisNodeDown/).getByRole('link', { name: 'a:1' })).toHaveAttribute(
    'href',
    expect.stringMatching(/clusters\/demo\/nodes\/a(:|%3A)1$/),
  )
  expect(row(table, /RedisNodeDown/).getByRole('link', { name: /Runbook/ })).toHaveAttribute(
    'href',
    expect.stringMatching(/RedisNodeDown\.md$/),
  )
  expect(row(table, /TheirOwn/).getByText('not known')).toBeVisible()
  expect(row(table, /TheirOwn/).queryByRole('link')).toBeNull()
  expect(row(table, /FromElsewhere/).getByText('Alertmanager')).toBeVisible()
  expect(row(table, /FromElsewhere/).getByText('rack 7')).toBeVisible()
  // an annotation that is no web address is no link
  expect(row(table, /FromElsewhere/).queryByRole('link')).toBeNull()
})

test('of one node only its own', async () => {
  show({ 'POST /api/ds/query': prometheus, 'GET api/v1/alerts': told }, 'a:1')
  const table = await screen.findByRole('table', { name: 'Firing alerts' })
  expect(within(table).getAllByRole('row')).toHaveLength(2)
})

test('without Prometheus there is what Alertmanager told, and what to do', async () => {
  show({ 'GET api/v1/alerts': told })
  expect(await screen.findByRole('table', { name: 'Firing alerts' })).toBeVisible()
  expect(await screen.findByText(/could not be read from Prometheus/)).toBeVisible()
  expect(screen.getByText(/test the data source/)).toBeVisible()
})

test('without the exporter there is what Prometheus says', async () => {
  show({ 'POST /api/ds/query': prometheus, 'GET api/v1/alerts': exporterDown })
  const table = await screen.findByRole('table', { name: 'Firing alerts' })
  expect(row(table, /RedisNodeDown/).getByText('Prometheus')).toBeVisible()
})

test('that none fires is said only where both say so', async () => {
  show({ 'POST /api/ds/query': NONE, 'GET api/v1/alerts': { alerts: [], dropped: 0 } })
  expect(await screen.findByText(/None fires/)).toBeVisible()
})

test.each([
  ['Prometheus', { 'POST /api/ds/query': unanswered, 'GET api/v1/alerts': { alerts: [], dropped: 0 } }],
  ['the exporter', { 'POST /api/ds/query': NONE, 'GET api/v1/alerts': unanswered }],
])('while %s has not answered, nobody says that none fires', async (_, answers) => {
  const { calls } = show(answers)
  await waitFor(() => expect(calls).toHaveLength(2))
  expect(screen.getByText('Asking Prometheus and the exporter…')).toBeVisible()
  expect(screen.queryByText(/None fires/)).toBeNull()
})

test('when neither answers, both troubles are told', async () => {
  show({ 'GET api/v1/alerts': problem(401, 'unauthenticated', 'no token') })
  expect(await screen.findByText('Firing alerts could not be read from Prometheus')).toBeVisible()
  expect(screen.getByText('The plugin has no valid token')).toBeVisible()
  expect(screen.queryByText(/None fires/)).toBeNull()
})
