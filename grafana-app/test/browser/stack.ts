/**
 * The real stack that the pages talk to: a full cluster `demo`, an empty one `cold`, the exporter with its control API,
 * Prometheus. Started once for all files of the browser tests, which share one worker.
 */
import { randomBytes, createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { startExporter, type ControlledExporter } from '../../../stack/src/exporter.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startPrometheus, type Prometheus } from '../../../stack/src/prometheus.js'
import { repoRoot } from '../../../stack/src/servers.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { prometheusConfig } from '../../../stack/src/start/configs.js'
import { until } from '../../../stack/src/until.js'
import { fillCluster, startLookups } from './keys.js'

/** The plugin's three tokens, as compose makes them. */
const TOKENS = {
  read: ['read'],
  plan: ['read', 'plan', 'warmup', 'evict', 'policy'],
  run: ['read', 'run', 'warmup', 'evict', 'policy'],
} as const
export type TokenUse = keyof typeof TOKENS

export interface Stack {
  demo: RedisCluster
  cold: RedisCluster
  prometheus: Prometheus
  tokens: Record<TokenUse, string>
  /** The running exporter; another one after a restart. */
  readonly exporter: ControlledExporter
  /** SIGKILL: what it did not write down is gone. */
  killExporter(): Promise<void>
  /** Starts it again with the same ports, log and tokens. */
  startExporter(): Promise<void>
}

let shared: Promise<Stack> | undefined

/** The stack, which the first caller starts. It ends with the process of the tests. */
export function sharedStack(): Promise<Stack> {
  shared ??= startStack(inject('folder'))
  return shared
}

async function startStack(dir: string): Promise<Stack> {
  const [demoPorts, coldPorts] = [await freePorts(6, { bus: true }), await freePorts(6, { bus: true })]
  const [exporterPort, controlPort, prometheusPort] = (await freePorts(3)) as [number, number, number]
  const config = { 'enable-debug-command': 'yes', maxmemory: '64mb', 'maxmemory-policy': 'noeviction' }
  const [demo, cold] = await Promise.all(
    [demoPorts, coldPorts].map((ports, index) =>
      startCluster({ ports, dir: join(dir, `redis-${index}`), config }),
    ),
  )
  await fillCluster(demo!)
  for (const cluster of [demo!, cold!]) startLookups(cluster)

  const { tokens, tokensFile } = makeTokens(dir)
  mkdirSync(join(dir, 'warmup'))
  const configFile = join(dir, 'slotwise.yml')
  writeFileSync(configFile, slotwiseConfig({ demo: demoPorts, cold: coldPorts }, join(dir, 'warmup')))
  const launch = () =>
    startExporter({
      port: exporterPort,
      args: ['--config.file', configFile],
      logFile: join(dir, 'exporter.log'),
      control: { port: controlPort, dir, tokensFile },
    })
  let exporter = await launch()

  const prometheusFile = join(dir, 'prometheus.yml')
  const targets = {
    exporterUrl: exporter.url,
    alertmanager: '127.0.0.1:9',
    ruleFiles: [join(repoRoot, 'alerts/rules/slotwise.yml')],
  }
  writeFileSync(prometheusFile, prometheusConfig(targets))
  const prometheus = await startPrometheus({
    port: prometheusPort,
    dir: join(dir, 'prometheus'),
    configFile: prometheusFile,
  })
  await until(async () => (await prometheus.query('sum(redis_up)'))[0]?.value === 12, {
    timeoutMs: 60_000,
    what: 'Prometheus to read every node',
    intervalMs: 250,
  })

  return {
    demo: demo!,
    cold: cold!,
    prometheus,
    tokens,
    get exporter() {
      return exporter
    },
    async killExporter() {
      await exporter.child.stop({ signal: 'SIGKILL' })
    },
    async startExporter() {
      exporter = await launch()
    },
  }
}

function makeTokens(dir: string): { tokens: Record<TokenUse, string>; tokensFile: string } {
  const tokens = {} as Record<TokenUse, string>
  const entries = Object.entries(TOKENS).map(([use, scopes]) => {
    const token = `sw_${randomBytes(32).toString('base64url')}`
    tokens[use as TokenUse] = token
    const hash = createHash('sha256').update(token).digest('hex')
    return { id: `grafana-${use}`, hash, scopes, delegated: true }
  })
  const tokensFile = join(dir, 'tokens.yml')
  // JSON is YAML
  writeFileSync(tokensFile, JSON.stringify({ tokens: entries }), { mode: 0o600 })
  return { tokens, tokensFile }
}

function slotwiseConfig(clusters: Record<string, readonly number[]>, warmupDir: string): string {
  return JSON.stringify({
    clusters: Object.entries(clusters).map(([name, ports]) => ({
      name,
      seeds: ports.slice(0, 2).map((port) => `redis://127.0.0.1:${port}`),
    })),
    warmup: { dir: warmupDir },
  })
}
