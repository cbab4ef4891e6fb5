/** /api/ds/query and the data source's resources, answered by a real Prometheus. */
import { toFrames, type FrameJson, type PrometheusData } from './frames.js'
import { prometheusCalls, type PanelQuery, type TimeRange } from './prometheus-query.js'

/** How often the Prometheus of `npm start` scrapes. */
const SCRAPE_INTERVAL_MS = 5000
const PROMETHEUS_TIMEOUT_MS = 30_000

export interface QueryResult {
  status: number
  error?: string
  frames: FrameJson[]
}

export interface QueryAnswer {
  status: number
  body: { results: Record<string, QueryResult> } | { message: string }
}

/** Runs every query of a request; one that fails fails alone, but shows in the status of the whole. */
export async function runQueries(
  prometheusUrl: string,
  body: unknown,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const { queries, from, to } = (body ?? {}) as { queries?: unknown; from?: unknown; to?: unknown }
  if (!Array.isArray(queries) || !queries.every(isPanelQuery))
    return { status: 400, body: { message: 'queries must be a list of {refId, expr}' } }
  const range = { fromMs: Number(from), toMs: Number(to) }
  if (!Number.isFinite(range.fromMs) || !Number.isFinite(range.toMs))
    return { status: 400, body: { message: 'from and to must be milliseconds' } }
  const names = (refId: string): string => (queries.length > 1 ? `Value #${refId}` : 'Value')
  const results = await Promise.all(
    queries.map(
      async (query) =>
        [query.refId, await runQuery(prometheusUrl, query, range, names(query.refId), signal)] as const,
    ),
  )
  const worst = Math.max(200, ...results.map(([, { status }]) => status))
  return { status: worst, body: { results: Object.fromEntries(results) } }
}

async function runQuery(
  prometheusUrl: string,
  query: PanelQuery,
  range: TimeRange,
  valueName: string,
  signal: AbortSignal,
): Promise<QueryResult> {
  try {
    const frames: FrameJson[] = []
    for (const call of prometheusCalls(query, range, SCRAPE_INTERVAL_MS)) {
      const answer = await ask(`${prometheusUrl}${call.path}`, call.parameters, signal)
      if ('error' in answer) return { ...answer, frames: [] }
      frames.push(...toFrames(query, call, answer.data, valueName))
    }
    return { status: 200, frames }
  } catch (error) {
    return { status: 400, error: (error as Error).message, frames: [] }
  }
}

type PrometheusAnswer = { data: PrometheusData } | { status: number; error: string }

async function ask(
  url: string,
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<PrometheusAnswer> {
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(parameters),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PROMETHEUS_TIMEOUT_MS)]),
    })
  } catch {
    return { status: 502, error: 'Prometheus does not answer' }
  }
  const body = (await response.json().catch(() => ({}))) as {
    status?: string
    error?: string
    data?: PrometheusData
  }
  if (body.status === 'success' && body.data) return { data: body.data }
  return { status: 400, error: body.error ?? `Prometheus answers ${response.status}` }
}

function isPanelQuery(query: unknown): query is PanelQuery {
  if (typeof query !== 'object' || query === null) return false
  const { refId, expr } = query as Partial<Record<string, unknown>>
  return typeof refId === 'string' && typeof expr === 'string'
}

/** What variables ask for: names and values of labels, series; and the rules. Nothing else of Prometheus's API passes. */
const RESOURCES = /^api\/v1\/(labels|label\/\w+\/values|series|rules)$/

export function resourceUrl(prometheusUrl: string, path: string, query: string): URL | undefined {
  return RESOURCES.test(path) ? new URL(`${prometheusUrl}/${path}${query}`) : undefined
}
