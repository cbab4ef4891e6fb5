/** Grafana's query of a Prometheus data source -> the calls of Prometheus's API. Pure. */

/** A query as panels send it to /api/ds/query. */
export interface PanelQuery {
  refId: string
  expr: string
  range?: boolean
  instant?: boolean
  /** ms; what Grafana found to fit the panel's width. */
  intervalMs?: number
  /** The least step, e.g. `30s`. */
  interval?: string
  legendFormat?: string
  format?: string
}

export interface TimeRange {
  /** ms since 1970 */
  fromMs: number
  toMs: number
}

export interface PrometheusCall {
  kind: 'range' | 'instant'
  path: '/api/v1/query_range' | '/api/v1/query'
  parameters: Record<string, string>
  stepMs: number
}

/** Prometheus answers no more points of a series than this. */
const MOST_POINTS = 11_000

/** A rate needs two samples, and one may be late. */
const SCRAPES_IN_A_RATE = 4

/**
 * @param scrapeIntervalMs what the data source says of its Prometheus; the least step, and what rates are taken over
 * @throws an error of one line when the query is none
 */
export function prometheusCalls(
  query: PanelQuery,
  range: TimeRange,
  scrapeIntervalMs: number,
): PrometheusCall[] {
  const { expr, instant = false, intervalMs = 0, interval = '' } = query
  if (expr.trim() === '') throw new Error('the query is empty')
  const rangeMs = Math.max(range.toMs - range.fromMs, 0)
  const leastMs = interval === '' ? scrapeIntervalMs : durationMs(interval)
  const stepMs = Math.max(leastMs, intervalMs, roundStep(rangeMs / MOST_POINTS))
  const filled = fillMacros(expr, { stepMs, rangeMs, scrapeIntervalMs: leastMs })
  const calls: PrometheusCall[] = []
  if (query.range === true || !instant) {
    // Aligned, so that the same points come back with every refresh.
    const start = Math.floor(range.fromMs / stepMs) * stepMs
    const end = Math.floor(range.toMs / stepMs) * stepMs
    calls.push({
      kind: 'range',
      path: '/api/v1/query_range',
      parameters: { query: filled, start: seconds(start), end: seconds(end), step: seconds(stepMs) },
      stepMs,
    })
  }
  if (instant)
    calls.push({
      kind: 'instant',
      path: '/api/v1/query',
      parameters: { query: filled, time: seconds(range.toMs) },
      stepMs,
    })
  return calls
}

interface MacroValues {
  stepMs: number
  rangeMs: number
  scrapeIntervalMs: number
}

/** `$__interval` and its kin, which Grafana's server fills. */
function fillMacros(expr: string, { stepMs, rangeMs, scrapeIntervalMs }: MacroValues): string {
  const rateMs = Math.max(stepMs + scrapeIntervalMs, SCRAPES_IN_A_RATE * scrapeIntervalMs)
  const values: Readonly<Record<string, string>> = {
    __interval_ms: String(stepMs),
    __interval: promDuration(stepMs),
    __rate_interval_ms: String(rateMs),
    __rate_interval: promDuration(rateMs),
    __range_ms: String(rangeMs),
    __range_s: String(Math.round(rangeMs / 1000)),
    __range: `${Math.round(rangeMs / 1000)}s`,
  }
  return expr.replace(
    /\$\{?(__\w+)\}?/g,
    (match, name: string) => (Object.hasOwn(values, name) ? values[name] : undefined) ?? match,
  )
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `90s`, `1m30s` -> ms. @throws on anything else */
function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhd])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new Error(`${JSON.stringify(text)} is no duration`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0), 0)
}

function promDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}

/** Up to a whole second, where it matters. */
function roundStep(ms: number): number {
  return ms <= 1000 ? 1 : Math.ceil(ms / 1000) * 1000
}

function seconds(ms: number): string {
  return String(ms / 1000)
}
