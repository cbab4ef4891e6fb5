import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, whenUp, type Child } from './child.js'
import { answersOk, httpGet } from './http.js'
import { findServer } from './servers.js'

export interface PrometheusOptions {
  port: number
  /** Its data and log go here. */
  dir: string
  /** The absolute path of prometheus.yml. */
  configFile: string
  server?: 'prometheus' | 'prometheus3'
}

export interface Sample {
  metric: Record<string, string>
  value: number
}

export interface Prometheus {
  readonly url: string
  readonly child: Child
  /** An instant query. A scalar is one sample without labels. */
  query(promql: string): Promise<Sample[]>
  stop(): Promise<void>
}

/** Starts Prometheus on 127.0.0.1; resolves when it is ready to answer queries. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { port, dir, configFile, server = 'prometheus' } = options
  mkdirSync(dir, { recursive: true })
  const url = `http://127.0.0.1:${port}`
  const child = startChild({
    name: server,
    command: findServer(server),
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=${url}/`,
    ],
    logFile: join(dir, 'prometheus.log'),
  })
  await whenUp(child, () => answersOk(`${url}/-/ready`), {
    timeoutMs: 30_000,
    what: 'Prometheus to be ready',
  })
  return {
    url,
    child,
    query: (promql) => queryPrometheus(url, promql),
    async stop() {
      await child.stop()
    },
  }
}

interface QueryAnswer {
  status: string
  error?: string
  data: {
    resultType: string
    result: { metric: Record<string, string>; value: [number, string] }[] | [number, string]
  }
}

/**
 * An instant query to any Prometheus.
 * @throws with Prometheus's own words when it refuses the query
 */
export async function queryPrometheus(url: string, promql: string): Promise<Sample[]> {
  const { body } = await httpGet(`${url}/api/v1/query?${new URLSearchParams({ query: promql }).toString()}`)
  const answer = JSON.parse(body) as QueryAnswer
  if (answer.status !== 'success') throw new Error(`Prometheus refused ${promql}: ${answer.error ?? body}`)
  const { result } = answer.data
  if (isScalar(result)) return [{ metric: {}, value: Number(result[1]) }]
  return result.map(({ metric, value }) => ({ metric, value: sampleValue(value[1]) }))
}

function isScalar(result: QueryAnswer['data']['result']): result is [number, string] {
  return typeof result[0] === 'number'
}

function sampleValue(text: string): number {
  return Number(text.replace('Inf', 'Infinity'))
}
