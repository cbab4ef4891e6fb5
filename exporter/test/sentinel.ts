import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, whenUp } from '../../stack/src/child.js'
import { findServer, type ServerName } from '../../stack/src/servers.js'

export interface Sentinel {
  /** `127.0.0.1:<port>` */
  readonly address: string
  stop(): Promise<void>
}

export interface SentinelOptions {
  readonly port: number
  /** Its configuration goes here. */
  readonly dir: string
  /** The port of the primary that it watches as `orders`, alone, so that its own vote is enough. */
  readonly primary: number
  readonly server?: Extract<ServerName, `${string}-server`>
  /** After what time without an answer a node is down; ms. */
  readonly downAfterMs?: number
}

/** Starts a Sentinel; resolves when it watches. */
export async function startSentinel({
  port,
  dir,
  primary,
  server = 'redis-server',
  downAfterMs = 1000,
}: SentinelOptions): Promise<Sentinel> {
  const file = join(dir, `sentinel-${port}.conf`)
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor orders 127.0.0.1 ${primary} 1`,
    `sentinel down-after-milliseconds orders ${downAfterMs}`,
    'sentinel failover-timeout orders 5000',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const child = startChild({ name: 'sentinel', command: findServer(server), args: [file, '--sentinel'] })
  await whenUp(child, () => Promise.resolve(child.tail(50).includes('monitor master orders')), {
    timeoutMs: 40_000,
    what: 'the Sentinel to watch',
  })
  return {
    address: `127.0.0.1:${port}`,
    async stop() {
      await child.stop()
    },
  }
}
