import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { ControlPlaneFacts } from '../collectors/control-plane.js'
import { ConfigError, type Config } from '../config/config.js'
import { LogUnavailable, type EventLog, type LogStats } from '../events/log.js'
import { GrafanaIds } from '../http/control/grafana-id.js'
import { ControlListenError, startControl, type ControlServer } from '../http/control/listen.js'
import { Refusal } from '../http/control/problem.js'
import { TokensFileError, TokenStore } from '../http/control/tokens.js'
import { Engine } from '../operations/engine.js'
import type { Kind } from '../operations/kind.js'
import { evictKeys } from '../operations/kinds/evict-keys/kind.js'
import { lastSwitch } from '../operations/kinds/evict-keys/policy-switch.js'
import { evictionPolicy } from '../operations/kinds/eviction-policy/kind.js'
import { listFiles } from '../operations/kinds/warmup/files.js'
import { warmup } from '../operations/kinds/warmup/kind.js'
import { Alerting } from '../services/alerting/alerting.js'
import type { EvictionWatch } from '../services/eviction/eviction.js'
import type { Health } from '../services/health/health.js'
import { Operator } from '../services/operator/operator.js'
import type { Retention } from '../services/retention/retention.js'
import { eventLogOpener } from './event-log.js'
import { makeEvictionWatch } from './eviction.js'
import type { Fleet } from './fleet.js'
import { FOLDS, makeRetention } from './retention.js'
import { Repeated } from './repeated.js'
import { mustBeFolder, readSecret } from './secrets.js'
import { version } from './version.js'
import { WatchLeases } from './watch-leases.js'
import { controlTls } from './web-tls.js'

/** A log that cannot be opened (held by a process that is about to end, a full disk) is tried again. */
const REOPEN_MS = 5000
const RECONCILE_MS = 5000
const DIGEST_MS = 60_000
const STATS_MS = 10_000
const FOR_EVER_MS = 100 * 365 * 86_400_000

const PROCESS_ID = `${hostname()}-${process.pid}`
/** A container that is started anew may have the same name and pid. */
const OWNER = `${PROCESS_ID}-${randomUUID().slice(0, 8)}`

interface Running {
  readonly engine: Engine
  readonly retention: Retention
  readonly operator: Operator
  readonly alerting: Alerting
  readonly server: ControlServer | undefined
}

/**
 * The event log, the operations and the control API, as far as this process was told to have them. Scraping does not
 * wait for it and does not need it: while the log cannot be opened, there is no control, and that is said.
 */
export class ControlPlane {
  readonly eviction: EvictionWatch
  readonly leases: WatchLeases
  #reopening: NodeJS.Timeout | undefined
  readonly #openEventLog: () => Promise<EventLog>
  readonly #tokens: TokenStore | undefined
  readonly #kinds: readonly Kind[]
  #opening: Promise<void> | undefined
  #log: EventLog | undefined
  #running: Running | undefined
  #stats: LogStats | undefined
  #lastProblem = ''
  readonly #repeated = new Repeated((error) => this.#warn(error))
  #stopped = false

  /** @throws ConfigError about the tokens file or the folder of files */
  constructor(
    private readonly config: Config,
    private readonly fleet: Pick<Fleet, 'clusters' | 'sources'>,
    private readonly logger: Logger,
  ) {
    this.#openEventLog = eventLogOpener(config, (message) => logger.warn(message))
    this.#tokens = this.#readTokens()
    this.leases = new WatchLeases(() => this.#log, config.services, OWNER)
    this.eviction = makeEvictionWatch(
      config,
      () => this.#log,
      (cluster) => this.leases.fence('health', cluster),
      () => this.#running?.engine,
    )
    const { dir } = config.warmup
    if (dir !== '') mustBeFolder(dir, '--warmup.dir')
    const clusterOf = (name: string) => fleet.clusters.find((cluster) => cluster.name === name)
    const sourceOf = (name: string) => fleet.sources.find((source) => source.name === name)
    // Registration of a kind is one line.
    const switchedAt = (name: string) => lastSwitch(this.#running?.engine.listOperations() ?? [], name)
    this.#kinds = [evictionPolicy, warmup({ clusterOf, sourceOf, dir }), evictKeys({ switchedAt })]
  }

  /** Undefined until it could be opened. */
  get log(): EventLog | undefined {
    return this.#log
  }

  /** For the metrics. */
  facts(): ControlPlaneFacts {
    const engine = this.#running?.engine
    const each = <T>(tell: (cluster: string, kind: string) => T | undefined) =>
      new Map(
        this.fleet.clusters.map(({ name }) => [
          name,
          new Map(
            this.#kinds.flatMap((kind) => {
              const told = tell(name, kind.name)
              return told === undefined ? [] : [[kind.name, told] as const]
            }),
          ),
        ]),
      )
    return {
      operations: each((cluster, kind) => engine?.countOpen(cluster, kind) ?? 0),
      counts: each((cluster, kind) => engine?.countsOf(cluster, kind)),
      log: this.#stats,
      logWorks: this.#repeated.works,
    }
  }

  /** Opens the log, once; resolves after the attempt, however it ended. */
  openLog(): Promise<void> {
    return (this.#opening ??= this.#open().finally(() => (this.#opening = undefined)))
  }

  async #open(): Promise<void> {
    try {
      this.#log = await this.#openEventLog()
      // At once, too: a process that is started again and again would never come to the next one.
      await this.#log.digest().catch((error: unknown) => this.#warn(error))
      this.#repeated.every(DIGEST_MS, 'a digest', () => this.#log!.digest())
      this.#repeated.every(STATS_MS, 'looking at its size', () => this.#readStats())
      await this.#readStats()
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error
      if (error.message !== this.#lastProblem)
        this.logger.error(`no control API: ${error.message}; trying again every ${REOPEN_MS / 1000} s`)
      this.#lastProblem = error.message
    }
  }

  /** Starts operations and API, at once or when the log can be opened. @throws ConfigError the listener cannot start */
  async start(health: Health): Promise<void> {
    if (this.#stopped) return
    if (!this.#log) {
      this.#reopening = setTimeout(() => this.#startLater(health), REOPEN_MS)
      return
    }
    const log = this.#log
    const { logger } = this
    const { clusters } = this.fleet
    const engine = await Engine.open({
      log,
      clusters,
      kinds: this.#kinds,
      now: () => new Date(),
      newId: randomUUID,
      owner: OWNER,
      retentionMs: this.config.events.retentionMs || FOR_EVER_MS,
      onError: (error, operation) =>
        logger.error({ err: error }, `operation ${operation} stopped unforeseen`),
    })
    const operator = new Operator({
      engine,
      reconcileMs: RECONCILE_MS,
      onError: (error) => logger.error({ err: error }, 'reconciling failed'),
    })
    const alerting = new Alerting({
      log,
      clusters: clusters.map(({ name }) => name),
      clusterLabel: this.config.metrics.clusterLabel,
      expireMs: this.config.alerting.expireMs,
      now: () => new Date(),
      onWarning: (message) => logger.warn(message),
    })
    const retention = makeRetention(
      { engine, alerting },
      {
        log,
        keepMs: this.config.events.retentionMs,
        owner: OWNER,
        onTrimmed: ({ events }) => logger.info(`event log: removed ${events} events that are too old`),
        onError: (error) => logger.warn(`event log: retention: ${(error as Error).message}`),
      },
    )
    const { services } = this.config
    const server = services.has('control') ? await this.#listen(log, engine, alerting, health) : undefined
    if (services.has('operator')) operator.start()
    alerting.start()
    retention.start()
    this.#running = { engine, operator, alerting, retention, server }
    if (!server) return
    logger.info(
      `control API on ${server.url}${this.#tokens ? '' : ', read-only: there is no tokens file (--control.tokens-file)'}`,
    )
  }

  #startLater(health: Health): void {
    this.openLog()
      .then(() => this.start(health))
      .catch((error: unknown) => this.logger.error(`no control API: ${(error as Error).message}`))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#reopening)
    this.#repeated.stop()
    await this.#running?.server?.close()
    await this.#running?.operator.stop()
    await this.leases.release()
    this.#running?.alerting.stop()
    await this.#running?.retention.stop()
    await this.#log?.digest().catch(() => undefined)
    await this.#log?.close()
  }

  async #listen(
    log: EventLog,
    operations: Engine,
    alerting: Alerting,
    health: Health,
  ): Promise<ControlServer> {
    const { logger } = this
    const alerts = this.config.services.has('alerting') ? alerting : withoutNotifications(alerting)
    const { clusters } = this.fleet
    const { listenAddress: address, grafana, webConfigFile } = this.config.control
    const onWarning = (message: string) => logger.warn(message)
    const clock = () => Date.now()
    const cluster = (name: string) => clusters.find((candidate) => candidate.name === name)!
    try {
      return await startControl({
        address,
        serverOf: webConfigFile === '' ? undefined : controlTls(webConfigFile),
        clusters,
        readings: (name) =>
          new Map(cluster(name).members.map(({ node, reader }) => [node.instance, reader?.last])),
        health: (name) => health.current(name),
        eviction: {
          look: (name) => this.eviction.look(cluster(name)),
          sample: (name) => this.eviction.sample(cluster(name)),
        },
        sources: this.fleet.sources.map(({ name }) => name),
        listFiles: () => listFiles(this.config.warmup.dir),
        log,
        folds: FOLDS,
        operations,
        alerts,
        tokens: this.#tokens,
        processId: PROCESS_ID,
        version,
        clock,
        grafana: grafana && new GrafanaIds({ ...grafana, clock, onWarning }),
        onWarning,
        onError: (error, what) => logger.error({ err: error }, `answering ${what} failed`),
      })
    } catch (error) {
      if (error instanceof ControlListenError) throw new ConfigError(error.message)
      throw error
    }
  }

  #readTokens(): TokenStore | undefined {
    const { tokensFile } = this.config.control
    if (tokensFile === '') return undefined
    const warn = (message: string) => this.logger.warn(message)
    readSecret(tokensFile, '--control.tokens-file', { strict: this.config.strictFiles, warn })
    try {
      return new TokenStore(tokensFile, { clock: () => Date.now(), onWarning: warn })
    } catch (error) {
      if (error instanceof TokensFileError) throw new ConfigError(`--control.tokens-file: ${error.message}`)
      throw error
    }
  }

  async #readStats(): Promise<void> {
    this.#stats = await this.#log!.stats()
  }

  #warn(error: unknown): void {
    const { message } = error as Error
    this.logger.warn(message.startsWith('event log') ? message : `event log: ${message}`)
  }
}

/** Shows the alerts that other processes were told of. */
function withoutNotifications(alerting: Alerting): Pick<Alerting, 'record' | 'firing'> {
  return {
    firing: () => alerting.firing(),
    record: () =>
      Promise.reject(
        new Refusal('unknown-path', 'this process takes no alerts: it runs without --services=alerting'),
      ),
  }
}
