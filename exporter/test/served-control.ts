import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { startExporter, type Exporter } from '../../stack/src/exporter.js'
import { freePorts } from '../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../stack/src/redis-cluster.js'
import { until } from '../../stack/src/until.js'
import { ControlApi, writeTokens } from './control-api.js'

/** The program as it is run: `slotwise serve` with its control API and its SQLite log, on a real cluster of six nodes. */
export interface ServedControl {
  readonly redis: RedisCluster
  /** Tokens `root`, `reader`, `planner`, `unkind` (lacks the scope of the kind) and `stranger` (of another cluster). */
  readonly tokens: Readonly<Record<string, string>>
  readonly controlPort: number
  /** A new folder for a log. */
  readonly folder: (prefix: string) => string
  /** @param ports of metrics and of the control API; the same for all unless given */
  readonly serve: (folder: string, ports?: readonly [number, number]) => Promise<Exporter>
  readonly api: (id?: string) => ControlApi
  /** Waits for the control API; says what the exporter said when it does not come. */
  readonly answers: (exporter: Exporter) => Promise<unknown>
  /** What every node has. */
  readonly policies: () => Promise<string[]>
  /** A policy that the nodes do not have. */
  readonly other: () => Promise<string>
}

/** Starts the cluster before the tests of the file that calls this. */
export function useServedControl(): ServedControl {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-control-'))
  const tokensFile = join(dir, 'tokens.yml')
  let redis: RedisCluster
  let tokens: Record<string, string>
  let exporterPort: number
  let controlPort: number

  beforeAll(async () => {
    redis = await startCluster({ ports: await freePorts(6, { bus: true }), dir })
    ;[exporterPort, controlPort] = (await freePorts(2)) as [number, number]
    const all = { delegated: false } as const
    tokens = writeTokens(tokensFile, [
      { id: 'root', scopes: ['read', 'plan', 'run', 'admin', 'policy', 'alerts'], ...all },
      { id: 'reader', scopes: ['read'], ...all },
      { id: 'planner', scopes: ['read', 'plan', 'policy'], ...all },
      { id: 'unkind', scopes: ['read', 'plan', 'run'], ...all },
      { id: 'stranger', scopes: ['read', 'plan', 'run', 'policy'], clusters: ['other'], ...all },
    ])
  })
  afterAll(async () => {
    await redis.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const api = (id?: string) =>
    new ControlApi(`http://127.0.0.1:${controlPort}`, id === undefined ? undefined : tokens[id])
  const policies = () =>
    Promise.all(
      redis.nodes.map(async (node) => (await node.cli('CONFIG', 'GET', 'maxmemory-policy')).split('\n')[1]!),
    )
  return {
    get redis() {
      return redis
    },
    get tokens() {
      return tokens
    },
    get controlPort() {
      return controlPort
    },
    folder: (prefix) => mkdtempSync(join(dir, prefix)),
    serve: (folder, ports = [exporterPort, controlPort]) =>
      startExporter({
        port: ports[0],
        args: [
          '--cluster.name=demo',
          `--redis.addr=redis://${redis.nodes[0]!.address}`,
          '--discovery.interval=500ms',
          `--events.url=file:${join(folder, 'slotwise.db')}`,
          `--control.listen-address=127.0.0.1:${ports[1]}`,
          `--control.tokens-file=${tokensFile}`,
        ],
      }),
    api,
    answers: (exporter) =>
      until(async () => (await api('root').get('/clusters')).status === 200, {
        timeoutMs: 40_000,
        what: 'the control API to answer',
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}\n${exporter.child.tail(30)}`, { cause: error })
      }),
    policies,
    other: async () => ((await policies())[0] === 'allkeys-lru' ? 'allkeys-lfu' : 'allkeys-lru'),
  }
}

/** Of a problem document. */
export const codeOf = (body: Record<string, unknown>): string =>
  String(body.type).replace('urn:slotwise:problem:', '')
