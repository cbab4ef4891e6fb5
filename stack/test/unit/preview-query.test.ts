import { describe, expect, test } from 'vitest'
import { resourceUrl, runQueries } from '../../src/preview/data-source.js'
import { toFrames, type PrometheusData } from '../../src/preview/frames.js'
import { prometheusCalls, type PanelQuery } from '../../src/preview/prometheus-query.js'

const query = (more: Partial<PanelQuery> = {}): PanelQuery => ({ refId: 'A', expr: 'up', ...more })
const range = { fromMs: 1_000_003_000, toMs: 1_000_903_000 }
const calls = (more: Partial<PanelQuery>, scrapeMs = 5000) => prometheusCalls(query(more), range, scrapeMs)

describe('a panel’s query', () => {
  test('over a range starts and ends on its step', () => {
    expect(calls({ intervalMs: 30_000 })).toEqual([
      {
        kind: 'range',
        path: '/api/v1/query_range',
        parameters: { query: 'up', start: '999990', end: '1000890', step: '30' },
        stepMs: 30_000,
      },
    ])
  })

  test('at an instant is at the end of the range', () => {
    expect(calls({ instant: true, range: false })).toMatchObject([
      { kind: 'instant', path: '/api/v1/query', parameters: { query: 'up', time: '1000903' } },
    ])
  })

  test('of both kinds is two calls', () => {
    expect(calls({ instant: true, range: true }).map(({ kind }) => kind)).toEqual(['range', 'instant'])
  })

  test.each([
    ['the width of the panel', { intervalMs: 20_000 }, 20_000],
    ['how often it is scraped', { intervalMs: 1000 }, 5000],
    ['its own least step', { intervalMs: 1000, interval: '1m30s' }, 90_000],
  ])('has the step of %s', (_, more, stepMs) => {
    expect(calls(more)[0]).toMatchObject({ stepMs })
  })

  test('asks for no more points than Prometheus gives', () => {
    const month = { fromMs: 0, toMs: 30 * 86_400_000 }
    const [call] = prometheusCalls(query(), month, 5000)
    expect((month.toMs - month.fromMs) / call!.stepMs).toBeLessThanOrEqual(11_000)
  })

  test.each([
    ['rate(x[$__rate_interval])', 'rate(x[35s])'],
    ['rate(x[${__rate_interval}])', 'rate(x[35s])'],
    ['x[$__interval] $__interval_ms', 'x[30s] 30000'],
    ['x[$__range] $__range_s', 'x[900s] 900'],
    ['x{a="$cluster"} $__other', 'x{a="$cluster"} $__other'],
  ])('%s is filled', (expr, filled) => {
    expect(calls({ expr, intervalMs: 30_000 })[0]!.parameters.query).toBe(filled)
  })

  test('of a narrow panel takes its rate over four scrapes', () => {
    expect(calls({ expr: '$__rate_interval' })[0]!.parameters.query).toBe('20s')
  })

  test.each([
    [{ expr: ' ' }, 'the query is empty'],
    [{ interval: 'soon' }, '"soon" is no duration'],
    [{ interval: '5s later' }, '"5s later" is no duration'],
  ])('%j is refused', (more, message) => {
    expect(() => calls(more)).toThrow(message)
  })
})

describe('an answer of Prometheus', () => {
  const matrix: PrometheusData = {
    resultType: 'matrix',
    result: [
      {
        metric: { __name__: 'm', node: 'a' },
        values: [
          [1.5, '2'],
          [2.5, 'NaN'],
          [3.5, '-Inf'],
        ],
      },
    ],
  }
  const vector: PrometheusData = {
    resultType: 'vector',
    result: [
      { metric: { node: 'a' }, value: [10, '1'] },
      { metric: { zone: 'z' }, value: [10, '+Inf'] },
    ],
  }
  const frames = (data: PrometheusData, more: Partial<PanelQuery> = {}) =>
    toFrames(query(more), calls({ ...more, instant: data.resultType === 'vector' }).at(-1)!, data)

  test('is one frame a series, with what JSON has no numbers for', () => {
    const [frame] = frames(matrix, { intervalMs: 30_000 })
    expect(frame!.schema).toMatchObject({
      refId: 'A',
      meta: { type: 'timeseries-multi' },
      fields: [
        { name: 'Time', type: 'time', config: { interval: 30_000 } },
        { name: 'Value', type: 'number', labels: { __name__: 'm', node: 'a' } },
      ],
    })
    expect(frame!.data).toEqual({
      values: [
        [1500, 2500, 3500],
        [2, null, null],
      ],
      entities: [null, { NaN: [1], NegInf: [2] }],
    })
  })

  test.each([
    ['', 'm{node="a"}'],
    ['{{node}} of {{ nobody }}', 'a of '],
    ['__auto', undefined],
  ])('with the legend %j is called %j', (legendFormat, name) => {
    const [frame] = frames(matrix, { legendFormat })
    expect(frame!.schema.name).toBe(name)
    expect(frame!.schema.fields[1]!.config).toEqual(name === undefined ? {} : { displayNameFromDS: name })
  })

  test('without labels is called by the query', () => {
    const bare: PrometheusData = { resultType: 'matrix', result: [{ metric: {}, values: [[1, '1']] }] }
    for (const legendFormat of ['', '__auto'])
      expect(frames(bare, { legendFormat })[0]!.schema.name).toBe('up')
  })

  test('as a table is one frame with a column a label', () => {
    const [frame, ...others] = frames(vector, { format: 'table' })
    expect(others).toEqual([])
    expect(frame!.schema.fields.map(({ name }) => name)).toEqual(['Time', 'node', 'zone', 'Value'])
    expect(frame!.data).toEqual({
      values: [
        [10_000, 10_000],
        ['a', ''],
        ['', 'z'],
        [1, null],
      ],
      entities: [null, null, null, { Inf: [1] }],
    })
  })

  test('that is a number is a frame of its own', () => {
    expect(frames({ resultType: 'scalar', result: [7, '42'] })[0]!.data.values).toEqual([[7000], [42]])
  })
})

describe('a request for data', () => {
  const signal = new AbortController().signal
  const nowhere = 'http://127.0.0.1:1'
  test.each([
    [{}, 'queries must be a list of {refId, expr}'],
    [{ queries: [{ refId: 'A' }], from: '1', to: '2' }, 'queries must be a list of {refId, expr}'],
    [{ queries: [query()], from: 'now' }, 'from and to must be milliseconds'],
  ])('%j is refused', async (body, message) => {
    expect(await runQueries(nowhere, body, signal)).toEqual({ status: 400, body: { message } })
  })

  test('says so when Prometheus is down, and which query is wrong', async () => {
    const queries = [query(), query({ refId: 'B', expr: '' })]
    expect(await runQueries(nowhere, { queries, from: '1000', to: '2000' }, signal)).toEqual({
      status: 502,
      body: {
        results: {
          A: { status: 502, error: 'Prometheus does not answer', frames: [] },
          B: { status: 400, error: 'the query is empty', frames: [] },
        },
      },
    })
  })
})

test.each([
  ['api/v1/label/instance/values', true],
  ['api/v1/labels', true],
  ['api/v1/series', true],
  ['api/v1/admin/tsdb/snapshot', false],
  ['api/v1/query', false],
  ['-/quit', false],
])('the resource %s passes: %s', (path, passes) => {
  expect(resourceUrl('http://prom', path, '?a=1')?.href).toBe(passes ? `http://prom/${path}?a=1` : undefined)
})
