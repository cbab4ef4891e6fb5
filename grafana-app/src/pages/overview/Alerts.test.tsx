import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { fakeBackend } from '../../test/backend'
import { renderInApp } from '../../test/render'
import { Alerts } from './Alerts'

const series = (refId: string, labels: Record<string, string>, value: number) => ({
  schema: {
    refId,
    fields: [
      { name: 'Time', type: 'time' },
      { name: 'Value', type: 'number', labels },
    ],
  },
  data: { values: [[0], [value]] },
})

test('an alert that fires says since when, and what to do where it is of our own rules', async () => {
  const ours = { alertname: 'RedisNodeDown', instance: 'a:1', severity: 'page', redis_cluster: 'demo' }
  const theirs = { alertname: 'TheirOwn', redis_cluster: 'demo' }
  const since = Math.floor(Date.now() / 1000) - 600
  const firing = (labels: Record<string, string>) =>
    series('alerts', { ...labels, __name__: 'ALERTS', alertstate: 'firing' }, 1)
  setDataSourceSrv({
    getList: () => [{ uid: 'p', isDefault: true }],
  } as unknown as DataSourceSrv)
  fakeBackend({
    'POST /api/ds/query': {
      results: {
        alerts: { frames: [firing(ours), firing(theirs)] },
        since: { frames: [series('since', { ...ours, __name__: 'ALERTS_FOR_STATE' }, since)] },
      },
    },
  })
  renderInApp(<Alerts cluster="demo" />)
  const table = await screen.findByRole('table', { name: 'Firing alerts' })
  const row = (name: RegExp) => within(within(table).getByRole('row', { name }))
  expect(row(/RedisNodeDown/).getByText('10 min ago')).toBeVisible()
  expect(row(/RedisNodeDown/).getByRole('link', { name: /Runbook/ })).toHaveAttribute(
    'href',
    expect.stringMatching(/RedisNodeDown\.md$/),
  )
  expect(row(/TheirOwn/).getByText('not known')).toBeVisible()
  expect(row(/TheirOwn/).queryByRole('link')).toBeNull()
})
