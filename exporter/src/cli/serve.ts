import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import { setFlagsFromString } from 'node:v8'
import type { Logger } from 'pino'
import { ConfigError, type Config } from '../config/config.js'
import { metricsHandler } from '../http/metrics/handler.js'
import { urlOf } from '../redis/endpoint.js'
import type { Canary } from '../services/canary/canary.js'
import { tellChange } from '../services/discovery/changes.js'
import { Discovery } from '../services/discovery/discovery.js'
import { Health } from '../services/health/health.js'
import { Scraper } from '../services/scraper/scraper.js'
import { Targets } from '../services/scraper/targets.js'
import { startCanary } from './canary.js'
import { collectOptions, scrapeKeys } from './collecting.js'
import type { ControlPlane } from './control-plane.js'
import { makeFleet, type Fleet } from './fleet.js'
import { makeLogger } from './log.js'
import { processMetrics } from './process-metrics.js'
import { version } from './version.js'
import { makeWebServer } from './web-server.js'

/** For the log to open before the first reading, so that shards keep the names they were told under. */
const OPEN_MS = 3000
/** For runs to come to their next turn and for the log to close. */
const STOP_MS = 10_000

/** Runs until SIGINT or SIGTERM, then ends the process. */
export async function serve(config: Config): Promise<void> {
  const log = makeLogger(config.log)
  const fleet = makeFleet(config, (message) => log.warn(message))
  const targets = new Targets(fleet)
  const controlPlane = hasControl(config) ? await makeControlPlane(config, fleet, log) : undefined
  if (!controlPlane) keepHeapSmall()
  const { services } = config
  const health = new Health({
    log: () => controlPlane?.log,
    fence: async (cluster) => controlPlane?.leases.fence('health', cluster),
    nodeTimeoutMs: config.scrape.nodeTimeoutMs,
    now: () => new Date(),
  })
  const canary = services.has('scraper') ? startCanary(config, fleet) : undefined
  const parts: Parts = { config, log, fleet, targets, health, controlPlane, canary }
  const server = webServerOf(parts)
  await listen(server, config.web.listenAddress)
  log.info(`listening on ${shown(server)}`)
  if (fleet.single) log.info(`watching the single node ${urlOf(fleet.single.link.endpoint)}`)

  await within(OPEN_MS, controlPlane?.openLog(), () =>
    log.warn('the event log takes long to open; scraping goes on without it'),
  )
  const discovery = startDiscovery(parts)
  await controlPlane?.start(health).catch((error: unknown) => {
    if (error instanceof ConfigError) throw error
    log.error({ err: error }, 'no control API')
  })
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  log.info('stopping')
  discovery.stop()
  canary?.stop()
  server.close()
  server.closeAllConnections()
  await within(STOP_MS, controlPlane?.stop(), () =>
    log.warn('the event log does not close: its disk or its server hangs; leaving it'),
  )
  for (const cluster of [...fleet.clusters, ...fleet.sources]) cluster.close()
  fleet.wholeCluster?.close()
  fleet.single?.link.close()
  targets.close()
  process.exit()
}

/** Waits for a promise, but not for ever. */
async function within(ms: number, promise: Promise<void> | undefined, onLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      onLate()
      resolve()
    }, ms)
  })
  await Promise.race([promise, late])
  clearTimeout(timer)
}

/** A single node is scraped, as redis_exporter does, and not controlled. A process that only scrapes needs no log. */
function hasControl({ clusters, events, services }: Config): boolean {
  const onlyScrapes = services.has('scraper') && services.size === 1
  return clusters.length > 0 && events.store !== undefined && !onlyScrapes
}

/**
 * V8 lets a heap grow to several times of what is in use, leaves holes in it where the first scrape laid pages, and
 * allocates among the old what is like the objects that outlived that one. A scrape leaves little that lasts, so to
 * collect earlier costs little, and memory is what an exporter of many nodes runs out of first. Operations move much
 * data for a short time: where there are some, it stays as it is.
 */
function keepHeapSmall(): void {
  for (const flag of [
    '--heap-growing-percent=25',
    '--compact-on-every-full-gc',
    '--no-allocation-site-pretenuring',
  ])
    setFlagsFromString(flag)
}

/** Loaded where there is one: with what it uses it is half of the program. */
async function makeControlPlane(config: Config, fleet: Fleet, log: Logger): Promise<ControlPlane> {
  const { ControlPlane } = await import('./control-plane.js')
  return new ControlPlane(config, fleet, log)
}

/** What `serve` is made of. */
interface Parts {
  readonly config: Config
  readonly log: Logger
  readonly fleet: Fleet
  readonly targets: Targets
  readonly health: Health
  readonly controlPlane: ControlPlane | undefined
  readonly canary: Canary | undefined
}

function webServerOf({ config, log, fleet, targets, health, controlPlane, canary }: Parts) {
  const { metrics, scrape, services, web } = config
  const { reload } = fleet
  const registry = processMetrics(metrics)
  const scraper = new Scraper({
    clusters: fleet.clusters,
    single: fleet.single,
    clusterLabel: metrics.clusterLabel,
    namespace: metrics.namespace,
    collect: collectOptions(config),
    redisOnly: metrics.redisOnly,
    version,
    nodeVersion: process.version,
    controlPlane: () => controlPlane?.facts(),
    canaryOf: canary && ((cluster) => canary.measured(cluster)),
    checksOf: (cluster) => health.current(cluster),
    driftOf: (cluster) => controlPlane?.eviction.facts(cluster),
  })
  const options = {
    clusters: fleet.clusters,
    scrapes: services.has('scraper'),
    scraper,
    targets: scrape.disabled ? undefined : targets,
    keys: scrapeKeys(config),
    wholeCluster: fleet.wholeCluster,
    namespace: metrics.namespace,
    clusterLabel: metrics.clusterLabel,
    telemetryPath: web.telemetryPath,
    externalAddress: web.externalAddress,
    nodeTimeoutMs: scrape.nodeTimeoutMs,
    openMetrics: web.openMetrics,
    version,
    processMetrics: () => registry.metrics(),
    reload:
      reload &&
      (() => {
        reload()
        targets.retrySoon()
      }),
    onError: (error: unknown, path: string) => log.error({ err: error }, `answering ${path} failed`),
  }
  return makeWebServer(config, (guarded) => metricsHandler({ ...options, guarded }))
}

function startDiscovery({ config, log, fleet, health, controlPlane }: Parts): Discovery {
  // Whoever only operates needs to know the nodes, and no verdict.
  const judges = (['scraper', 'health', 'control'] as const).some((service) => config.services.has(service))
  const discovery = new Discovery({
    log: () => controlPlane?.log,
    fence: async (cluster) => controlPlane?.leases.fence('discovery', cluster),
    clusters: fleet.clusters,
    intervalMs: config.discovery.intervalMs,
    onReading: (cluster) => {
      if (!judges) return
      Promise.all([health.observe(cluster), controlPlane?.eviction.observe(cluster)]).catch(
        (error: unknown) => log.error({ err: error }, `judging cluster ${cluster.name} failed`),
      )
    },
    onChanges: ({ name }, changes) => {
      for (const change of changes) log.info(`cluster ${name}: ${tellChange(change)}`)
    },
    onError: (error, { name }) => log.error({ err: error }, `following cluster ${name} failed`),
    onReturn: ({ name }) => log.info(`cluster ${name}: is read again`),
    onSilence: ({ name }, errors) => {
      log.error(`cluster ${name}: no node answers; trying on`)
      for (const error of errors) log.error(`cluster ${name}: ${error}`)
    },
  })
  void discovery.start()
  return discovery
}

async function listen(server: Server, address: string): Promise<void> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '')
  const port = Number(address.slice(colon + 1))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ConfigError(listenProblem(error, address))),
    )
    server.listen({ port, ...(host !== '' && { host }) }, resolve)
  })
}

function listenProblem(error: NodeJS.ErrnoException, address: string): string {
  if (error.code === 'EADDRINUSE')
    return `--web.listen-address ${address}: the port is taken by another process; choose another`
  if (error.code === 'EACCES')
    return `--web.listen-address ${address}: no permission for this port; choose one above 1023`
  return `--web.listen-address ${address}: ${error.message}`
}

function shown(server: Server): string {
  const { address, port } = server.address() as { address: string; port: number }
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`
}
