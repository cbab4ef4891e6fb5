import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, whenUp, type Child } from './child.js'
import { answersOk } from './http.js'
import { findServer } from './servers.js'

export interface AlertmanagerOptions {
  port: number
  /** Its data and log go here. */
  dir: string
  /** The absolute path of alertmanager.yml. */
  configFile: string
  server?: 'alertmanager' | 'alertmanager3'
}

export interface Alertmanager {
  readonly url: string
  readonly child: Child
  stop(): Promise<void>
}

/** Starts one Alertmanager, without peers, on 127.0.0.1; resolves when it is ready. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  const { port, dir, configFile, server = 'alertmanager' } = options
  mkdirSync(dir, { recursive: true })
  const url = `http://127.0.0.1:${port}`
  const child = startChild({
    name: server,
    command: findServer(server),
    args: [
      `--config.file=${configFile}`,
      `--storage.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=${url}/`,
      '--cluster.listen-address=',
    ],
    logFile: join(dir, 'alertmanager.log'),
  })
  await whenUp(child, () => answersOk(`${url}/-/ready`), {
    timeoutMs: 30_000,
    what: 'Alertmanager to be ready',
  })
  return {
    url,
    child,
    async stop() {
      await child.stop()
    },
  }
}
