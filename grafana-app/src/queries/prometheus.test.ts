import { setDataSourceSrv, type DataSourceSrv } from '@grafana/runtime'
import { expect, test } from 'vitest'
import { fakeBackend, problem } from '../test/backend'
import { prometheusUid, queryNow } from './prometheus'

const frame = (refId: string, labels: object, value: number | null) => ({
  schema: {
    refId,
    fields: [
      { name: 'Time', type: 'time', typeInfo: { frame: 'time.Time' } },
      { name: 'Value', type: 'number', labels },
    ],
  },
  data: { values: [[1], [value]] },
})

test('values come by the names of their queries, with their labels; no value is none', async () => {
  const { calls } = fakeBackend({
    'POST /api/ds/query': {
      results: {
        a: { status: 200, frames: [frame('a', { instance: 'x' }, 1), frame('a', { instance: 'y' }, 2)] },
        b: { status: 200, frames: [frame('b', {}, null)] },
      },
    },
  })
  await expect(queryNow('uid', { a: 'up', b: 'down' })).resolves.toEqual({
    a: [
      { labels: { instance: 'x' }, value: 1 },
      { labels: { instance: 'y' }, value: 2 },
    ],
    b: [],
  })
  expect((calls[0]?.data as { queries: unknown[] }).queries).toEqual([
    expect.objectContaining({
      refId: 'a',
      expr: 'up',
      instant: true,
      datasource: { type: 'prometheus', uid: 'uid' },
    }),
    expect.objectContaining({ refId: 'b', expr: 'down' }),
  ])
})

test('what the data source says of a bad query is told', async () => {
  fakeBackend({ 'POST /api/ds/query': { results: { a: { status: 400, error: 'parse error', frames: [] } } } })
  await expect(queryNow('uid', { a: '(' })).rejects.toThrow('parse error')
  fakeBackend({ 'POST /api/ds/query': problem(502, 'x', 'y') })
  await expect(queryNow('uid', { a: 'up' })).rejects.toThrow('the data source answered 502')
})

test('the configured data source is asked, else the default Prometheus, else any', () => {
  const list = (...all: object[]) => setDataSourceSrv({ getList: () => all } as unknown as DataSourceSrv)
  list({ uid: 'one' }, { uid: 'two', isDefault: true })
  expect(prometheusUid('mine')).toBe('mine')
  expect(prometheusUid(undefined)).toBe('two')
  list({ uid: 'one' })
  expect(prometheusUid('')).toBe('one')
  list()
  expect(prometheusUid(undefined)).toBeUndefined()
})
