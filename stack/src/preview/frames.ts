/** Prometheus's answers -> Grafana's data frames as JSON. Pure. */
import type { PanelQuery, PrometheusCall } from './prometheus-query.js'

type Labels = Record<string, string>
type Point = [seconds: number, value: string]

export type PrometheusData =
  | { resultType: 'matrix'; result: { metric: Labels; values: Point[] }[] }
  | { resultType: 'vector'; result: { metric: Labels; value: Point }[] }
  | { resultType: 'scalar' | 'string'; result: Point }

interface FrameField {
  name: string
  type: 'time' | 'number' | 'string'
  typeInfo: { frame: string }
  labels?: Labels
  config?: Record<string, unknown>
}

/** What JSON has no numbers for, by row. */
type Entities = Partial<Record<'NaN' | 'Inf' | 'NegInf', number[]>>

export interface FrameJson {
  schema: { refId: string; name?: string; meta: Record<string, unknown>; fields: FrameField[] }
  data: { values: unknown[][]; entities?: (Entities | null)[] }
}

/** One frame a series, or with the format `table` one for all with a column a label. */
export function toFrames(
  query: PanelQuery,
  { kind, stepMs, parameters }: PrometheusCall,
  data: PrometheusData,
  valueName = 'Value',
): FrameJson[] {
  const series = seriesOf(data)
  const meta = {
    executedQueryString: `Expr: ${parameters.query ?? ''}\nStep: ${stepMs / 1000}s`,
    custom: { resultType: data.resultType },
  }
  if (query.format === 'table') return [tableFrame(query.refId, series, valueName, meta)]
  return series.map(({ metric, values }) => {
    const name = legend(query, metric)
    return {
      schema: {
        refId: query.refId,
        ...(name !== '' && { name }),
        meta: { ...meta, type: kind === 'range' ? 'timeseries-multi' : 'numeric-multi', typeVersion: [0, 1] },
        fields: [
          { ...timeField, config: { interval: stepMs } },
          { ...numberField, labels: metric, config: name === '' ? {} : { displayNameFromDS: name } },
        ],
      },
      data: columns([values.map(timeOf), values.map(([, value]) => value)], 1),
    }
  })
}

const timeField = { name: 'Time', type: 'time', typeInfo: { frame: 'time.Time' } } as const
const numberField = { name: 'Value', type: 'number', typeInfo: { frame: 'float64' } } as const

interface Series {
  metric: Labels
  values: Point[]
}

function seriesOf(data: PrometheusData): Series[] {
  if (data.resultType === 'matrix') return data.result
  if (data.resultType === 'vector')
    return data.result.map(({ metric, value }) => ({ metric, values: [value] }))
  return [{ metric: {}, values: [data.result] }]
}

function tableFrame(
  refId: string,
  series: Series[],
  valueName: string,
  meta: Record<string, unknown>,
): FrameJson {
  const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].sort()
  const rows = series.flatMap(({ metric, values }) => values.map((point) => ({ metric, point })))
  return {
    schema: {
      refId,
      meta,
      fields: [
        timeField,
        ...labels.map((name): FrameField => ({ name, type: 'string', typeInfo: { frame: 'string' } })),
        { ...numberField, name: valueName },
      ],
    },
    data: columns(
      [
        rows.map(({ point }) => timeOf(point)),
        ...labels.map((name) => rows.map(({ metric }) => metric[name] ?? '')),
        rows.map(({ point }) => point[1]),
      ],
      labels.length + 1,
    ),
  }
}

/** @param numberAt which of the columns holds Prometheus's numbers, which are text */
function columns(values: (string | number)[][], numberAt: number): FrameJson['data'] {
  const entities: Entities = {}
  const numbers = (values[numberAt] ?? []).map((text, row) => {
    const special = SPECIAL[String(text)]
    if (special === undefined) return Number(text)
    ;(entities[special] ??= []).push(row)
    return null
  })
  return {
    values: values.map((column, at) => (at === numberAt ? numbers : column)),
    ...(Object.keys(entities).length > 0 && {
      entities: values.map((_column, at) => (at === numberAt ? entities : null)),
    }),
  }
}

const SPECIAL: Readonly<Record<string, keyof Entities>> = { NaN: 'NaN', '+Inf': 'Inf', '-Inf': 'NegInf' }

function timeOf([seconds]: Point): number {
  return Math.round(seconds * 1000)
}

/** A series's name: the legend with its labels filled in; automatic: by the labels, else by the query. */
function legend({ legendFormat = '', expr }: PanelQuery, metric: Labels): string {
  if (legendFormat === '__auto') return Object.keys(metric).length > 0 ? '' : expr
  if (legendFormat !== '')
    return legendFormat.replace(/\{\{\s*(.+?)\s*\}\}/g, (_match, name: string) => metric[name] ?? '')
  const { __name__: name = '', ...labels } = metric
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return pairs.length > 0 ? `${name}{${pairs.join(', ')}}` : name || expr
}
