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
}

export interface Exporter {
  readonly url: string
  readonly child: Child
  /** Asks for a path (`/metrics`); the body is text. */
  get(path: string, init?: GetOptions): Promise<Answer>
  stop(): Promise<void>
}

/** The program in this checkout; it must have been built. */
export const slotwiseProgram = join(repoRoot, 'exporter/bin/slotwise.mjs')

/** Runs the built exporter on 127.0.0.1; resolves when it serves. */
export async function startExporter(options: ExporterOptions): Promise<Exporter> {
  const { args, env, port, logFile } = options
  const url = `http://127.0.0.1:${port}`
  const child = startChild({
    name: 'exporter',
    command: process.execPath,
    args: [slotwiseProgram, 'serve', ...args, '--web.listen-address', `127.0.0.1:${port}`],
    env: { ...process.env, ...env },
    ...(logFile === undefined ? {} : { logFile }),
  })
  await whenUp(child, () => answersOk(`${url}/-/ready`), { timeoutMs: 30_000, what: 'the exporter to serve' })
  return {
    url,
    child,
    get: (path, init) => httpGet(`${url}${path}`, init),
    async stop() {
      await child.stop()
    },
  }
}
