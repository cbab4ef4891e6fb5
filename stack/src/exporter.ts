import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { startChild, whenUp, type Child } from './child.js'
import { answersOk, httpGet, type Answer, type GetOptions } from './http.js'
import { repoRoot } from './servers.js'

export interface ExporterOptions {
  /** What follows `slotwise serve`, without --web.listen-address. */
  args: readonly string[]
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv
  port: number
  /** Its output goes here; kept in memory unless given. */
  logFile?: string
  /** Starts the control API too. Without it there is no event log, unless `args` name one (--events.url). */
  control?: ControlOptions
}

export interface ControlOptions {
  /** The control API listens on this port of 127.0.0.1. */
  port: number
  /** The folder of the event log (`slotwise.db`); the exporter makes it if it is missing. */
  dir: string
  /** Without one the API is read-only. */
  tokensFile?: string
}

export interface Exporter {
  readonly url: string
  readonly child: Child
  /** What starts it again, for a shell. The environment that it was given is not in it. */
  readonly commandLine: string
  /** Asks for a path of the metrics listener (`/metrics`); the body is text. */
  get(path: string, init?: GetOptions): Promise<Answer>
  stop(): Promise<void>
}

export interface ApiOptions {
  token?: string
  /** GET, or POST when there is a body. */
  method?: string
  /** Sent as JSON. */
  body?: unknown
  headers?: Record<string, string>
}

export interface ApiAnswer {
  status: number
  headers: IncomingHttpHeaders
  /** Parsed where it is JSON, else the text. */
  body: unknown
}

/** An exporter with the control API. */
export interface ControlledExporter extends Exporter {
  /** What `--api` and SLOTWISE_API take: without /api/v1. */
  readonly controlUrl: string
  /** Asks the control API for a path under /api/v1 (`/whoami`). */
  api(path: string, options?: ApiOptions): Promise<ApiAnswer>
}

/** The program in this checkout; it must have been built. */
export const slotwiseProgram = join(repoRoot, 'exporter/bin/slotwise.mjs')

/** Runs the built exporter on 127.0.0.1; resolves when it serves, with `control` when the control API does too. */
export async function startExporter(
  options: ExporterOptions & { control: ControlOptions },
): Promise<ControlledExporter>
export async function startExporter(options: ExporterOptions): Promise<Exporter>
export async function startExporter(options: ExporterOptions): Promise<Exporter> {
  const { args, env, port, logFile, control } = options
  const url = `http://127.0.0.1:${port}`
  // Of a flag that is there twice the last counts: the caller's.
  const flags = [...controlArgs(control), ...args, '--web.listen-address', `127.0.0.1:${port}`]
  const child = startChild({
    name: 'exporter',
    command: process.execPath,
    args: [slotwiseProgram, 'serve', ...flags],
    env: { ...process.env, ...env },
    ...(logFile === undefined ? {} : { logFile }),
  })
  await whenUp(child, () => answersOk(`${url}/-/ready`), { timeoutMs: 30_000, what: 'the exporter to serve' })
  const exporter: Exporter = {
    url,
    child,
    commandLine: [slotwiseProgram, 'serve', ...flags].map(quoted).join(' '),
    get: (path, init) => httpGet(`${url}${path}`, init),
    async stop() {
      await child.stop()
    },
  }
  return control ? withControl(exporter, `http://127.0.0.1:${control.port}`) : exporter
}

/** As a shell wants it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Every setting is named, so that none comes from the environment of whoever runs this. */
function controlArgs(control: ControlOptions | undefined): string[] {
  if (!control) return ['--events.url=']
  return [
    `--events.url=file:${join(control.dir, 'slotwise.db')}`,
    `--control.listen-address=127.0.0.1:${control.port}`,
    `--control.tokens-file=${control.tokensFile ?? ''}`,
  ]
}

async function withControl(exporter: Exporter, controlUrl: string): Promise<ControlledExporter> {
  const { child } = exporter
  const isUp = (): Promise<boolean> =>
    answersOk(`${controlUrl}/api/v1/openapi.json`).catch(() => {
      throw new Error(`the exporter said last: ${child.tail(1)}`)
    })
  await whenUp(child, isUp, { timeoutMs: 30_000, what: `the control API on ${controlUrl}` })
  return {
    ...exporter,
    controlUrl,
    api: (path, options) => askApi(`${controlUrl}/api/v1${path}`, options),
  }
}

/** One request to the control API, JSON in and out. Not the event stream: that has no end. */
export async function askApi(url: string, options: ApiOptions = {}): Promise<ApiAnswer> {
  const { token, body, method = body === undefined ? 'GET' : 'POST', headers = {} } = options
  const answer = await httpGet(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const isJson = /^application\/(.+\+)?json\b/.test(answer.headers['content-type'] ?? '')
  return { ...answer, body: isJson ? (JSON.parse(answer.body) as unknown) : answer.body }
}
