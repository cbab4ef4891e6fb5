import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startAlertmanager } from '../alertmanager.js'
import type { Child } from '../child.js'
import { startExporter, type ControlledExporter, type Exporter } from '../exporter.js'
import { startPreview } from '../preview.js'
import { startPrometheus, type Prometheus } from '../prometheus.js'
import { locateServer, missingServers, repoRoot, type ServerName } from '../servers.js'
import { until } from '../until.js'
import { startWebhook } from '../webhook.js'
import { CLUSTER_NAME, startDemoClusters } from './clusters.js'
import { localAlertmanagerConfig, prometheusConfig } from './configs.js'
import { assertClusterAnswers } from './foreign-cluster.js'
import type { StartOptions } from './options.js'
import { deliveryLines } from './pages.js'
import { assertPortsFree, clusterPorts, neededPorts } from './ports.js'
import { makeAlertsToken, makeAppTokens, makeFullToken } from './token.js'

const PROMETHEUS_READ_TIMEOUT_MS = 90_000

export interface StackContext {
  options: StartOptions
  /** An empty folder for all files of this run. */
  folder: string
  /** Prints a line. */
  say: (line: string) => void
  /** Called when a server ends that nobody stopped. */
  onDeath: (child: Child) => void
  /** Called with what has to be stopped besides the processes. */
  onStop: (stop: () => unknown) => void
}

/**
 * What would keep the stack from coming up, looked for before anything is started.
 * @throws an error of one line
 */
export async function preflight(options: StartOptions): Promise<void> {
  const own: ServerName[] = options.redis === undefined ? ['redis-server', 'redis-cli'] : []
  const needed: ServerName[] = [...own, 'prometheus', 'alertmanager']
  const missing = needed.filter((name) => locateServer(name) === undefined)
  if (missing.length > 0) throw new Error(missingServers(missing))
  await assertPortsFree(neededPorts(options))
  if (options.redis !== undefined) await assertClusterAnswers(options.redis)
}

/** Starts everything in order, each when what it reads from is up; resolves when Prometheus has read every node. */
export async function startStack(context: StackContext): Promise<void> {
  const { options, folder, say, onDeath, onStop } = context
  const address = (name: string, url: string, note = ''): void =>
    say(`${name.padEnd(14)}${url.padEnd(24)}${note}`.trimEnd())
  const watch = (child: Child): void =>
    void child.exited.then(({ asked }) => {
      if (!asked) onDeath(child)
    })

  const own =
    options.redis === undefined
      ? await startDemoClusters(clusterPorts(options), folder, watch, onStop)
      : undefined
  for (const [where, note] of own?.lines ?? []) address('redis', where, note)

  const mayControl = options.redis === undefined || options.allowControl
  const tokensFile = join(folder, 'tokens.yml')
  const token = mayControl ? await makeFullToken(tokensFile) : undefined
  const appTokens = mayControl ? await makeAppTokens(tokensFile) : {}
  const alertsToken = join(folder, 'alertmanager-token')
  if (mayControl) await makeAlertsToken(tokensFile, alertsToken)
  const exporter = await startExporter({
    port: options.exporterPort,
    args: own
      ? ['--config.file', own.configFile, '--cluster.name=', '--redis.addr=']
      : ['--cluster.name', CLUSTER_NAME],
    // A password in the URL is not for the arguments.
    env: { REDIS_ADDR: options.redis ?? '' },
    logFile: join(folder, 'exporter.log'),
    control: {
      port: options.controlPort,
      dir: join(folder, 'events'),
      ...(token !== undefined && { tokensFile }),
    },
  })
  watch(exporter.child)
  if (own)
    void exporter.child.exited.then(({ asked }) => {
      if (!asked)
        say(
          `start the exporter again in another terminal, where Ctrl-C ends it (here it does not): ${exporter.commandLine}`,
        )
    })
  address('exporter', exporter.url, `${exporter.url}/sd names what Prometheus reads`)
  await assertLetIn(exporter, token)
  const may = token === undefined ? 'read-only without --allow-control' : 'with this token, of every scope:'
  address('control', exporter.controlUrl, may)
  if (token !== undefined) say(`token ${token}`)

  const webhook = await startWebhook({
    onDelivery: (delivery) => {
      for (const line of deliveryLines(delivery)) say(line)
    },
  })
  onStop(() => webhook.stop())
  const configs = writeConfigs(context, exporter, webhook.url, mayControl ? alertsToken : undefined)
  const alertmanager = await startAlertmanager({
    port: options.alertmanagerPort,
    dir: join(folder, 'alertmanager'),
    configFile: configs.alertmanager,
  })
  watch(alertmanager.child)
  address('alertmanager', alertmanager.url, 'what it sends is printed here')

  const prometheus = await startPrometheus({
    port: options.prometheusPort,
    dir: join(folder, 'prometheus'),
    configFile: configs.prometheus,
  })
  watch(prometheus.child)
  address('prometheus', prometheus.url)

  const preview = await startPreview({
    port: options.previewPort,
    apiUrl: exporter.controlUrl,
    tokens: appTokens,
    prometheusUrl: prometheus.url,
    logFile: join(folder, 'preview.log'),
  })
  onStop(() => preview.stop())
  await allNodesRead(prometheus, exporter, own?.nodes)
  address('app', preview.keyUrl, '  the Grafana app in the preview host')
}

/** @throws when the control API does not know the token, or without one is not read-only */
async function assertLetIn(exporter: ControlledExporter, token: string | undefined): Promise<void> {
  const { status, body } = await exporter.api('/whoami', token === undefined ? {} : { token })
  const { readOnly } = body as { readOnly?: unknown }
  if (status !== 200 || readOnly !== (token === undefined))
    throw new Error(`${exporter.controlUrl}/api/v1/whoami answers ${status}: ${JSON.stringify(body)}`)
}

function writeConfigs(
  { options, folder }: StackContext,
  exporter: ControlledExporter,
  webhookUrl: string,
  alertsToken: string | undefined,
): Record<'prometheus' | 'alertmanager', string> {
  const configs = {
    prometheus: join(folder, 'prometheus.yml'),
    alertmanager: join(folder, 'alertmanager.yml'),
  }
  mkdirSync(folder, { recursive: true })
  const routes = readFileSync(join(repoRoot, 'alerts/alertmanager/alertmanager.yml'), 'utf8')
  const slotwise =
    alertsToken === undefined
      ? undefined
      : { url: `${exporter.controlUrl}/api/v1/alerts`, tokenFile: alertsToken }
  writeFileSync(configs.alertmanager, localAlertmanagerConfig(routes, webhookUrl, slotwise))
  const targets = {
    exporterUrl: exporter.url,
    alertmanager: `127.0.0.1:${options.alertmanagerPort}`,
    ruleFiles: [join(repoRoot, 'alerts/rules/*.yml')],
  }
  writeFileSync(configs.prometheus, prometheusConfig(targets))
  return configs
}

/** Our own nodes (so many) must all be up; of somebody else's cluster Prometheus must have read each, up or down. */
async function allNodesRead(
  prometheus: Prometheus,
  exporter: Exporter,
  own: number | undefined,
): Promise<void> {
  const read = async (): Promise<boolean> => {
    const nodes = own ?? (await nodesInDiscovery(exporter))
    const [sample] = await prometheus.query(own === undefined ? 'count(redis_up)' : 'sum(redis_up)')
    if (sample?.value === nodes && nodes > 0) return true
    throw new Error(`it has read ${sample?.value ?? 0} of ${nodes} nodes`)
  }
  const what = `Prometheus to read every node (see ${prometheus.url}/targets)`
  await until(read, { timeoutMs: PROMETHEUS_READ_TIMEOUT_MS, what, intervalMs: 250 })
}

async function nodesInDiscovery(exporter: Exporter): Promise<number> {
  const { status, body } = await exporter.get('/sd')
  if (status !== 200) throw new Error(`the exporter's /sd answers ${status}: ${body.trim()}`)
  const groups = JSON.parse(body) as { labels: Record<string, string> }[]
  if (groups.some(({ labels }) => labels.__meta_slotwise_flags === 'unread'))
    throw new Error(`the exporter could not read the cluster: ${exporter.child.tail(1)}`)
  return groups.filter(({ labels }) => labels.__param_target !== undefined).length
}
