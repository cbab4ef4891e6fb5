import type { Actor } from '../../contract/actor.js'
import type { AlertNotification, AlertReceipt, FiringAlert } from '../../contract/alerts.js'
import { LogUnavailable, PositionTrimmed, VersionConflict, type EventLog } from '../../events/log.js'
import { Budget } from './budget.js'
import {
  applyAlerts,
  clusterOf,
  FAMILY,
  freeze,
  isCurrent,
  NOTHING,
  sortAlerts,
  thaw,
  type AlertsState,
} from './fold.js'
import { readNotification, type Reading } from './notification.js'

export interface AlertingOptions extends Pick<Reading, 'clusterLabel' | 'expireMs'> {
  readonly log: EventLog
  /** Names of the configured clusters. */
  readonly clusters: readonly string[]
  readonly now: () => Date
  readonly onWarning: (message: string) => void
}

/** What snapshots of the alerts are called. */
export const ALERTS_FOLD = { name: 'alerts', format: 2 }
const SNAPSHOT_MS = 60_000
const PAGE = 1000
/** Other processes take notifications too. */
const MOST_TRIES = 5
/** Alerts that one token may tell of that fire anew: so many at once, and so many a minute after that. */
const AT_ONCE = 2000
const A_MINUTE = 200

/** Not all of a notification was recorded: there is no room for more alerts that fire anew. The rest may come again. */
export class TooManyAlerts extends Error {
  override readonly name = 'TooManyAlerts'
  constructor(
    readonly receipt: AlertReceipt,
    readonly leftOut: number,
  ) {
    super(
      `${leftOut} alerts were not recorded: a token tells of ${AT_ONCE} that fire anew at once, and of ${A_MINUTE} a ` +
        'minute after that; send them again',
    )
  }
}

/** What fires now. */
export interface Firing {
  /** Sorted. */
  readonly alerts: readonly FiringAlert[]
  /** How many may fire, too, and are not kept, by cluster; undefined: of no configured cluster. */
  readonly dropped: ReadonlyMap<string | undefined, number>
}

/** Takes Alertmanager's notifications into the log, and tells what fires by what the log says. */
export class Alerting {
  #state: AlertsState = NOTHING
  /** Up to where `#state` has the log; undefined before the first reading. */
  #position: string | undefined
  #saved: string | undefined
  #timer: NodeJS.Timeout | undefined
  /** One at a time: each begins with what the one before it left. */
  #queue: Promise<unknown> = Promise.resolve()
  readonly #budget: Budget

  constructor(private readonly options: AlertingOptions) {
    this.#budget = new Budget(AT_ONCE, A_MINUTE, () => options.now().getTime())
  }

  /** Saves snapshots from time to time, so that a start is quick and the log can be trimmed. */
  start(): void {
    this.#timer = setInterval(() => {
      this.snapshot().catch((error: unknown) =>
        this.options.onWarning(`no snapshot of the alerts: ${(error as Error).message}`),
      )
    }, SNAPSHOT_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /**
   * Durable when it resolves.
   * @throws LogUnavailable
   * @throws TooManyAlerts what there was room for is durable
   */
  record(
    notification: AlertNotification,
    from: Pick<Reading, 'mayTell'> & { readonly by: Actor },
  ): Promise<AlertReceipt> {
    return this.#inTurn(async () => {
      const { clusterLabel, expireMs, log, now } = this.options
      const clusters = new Set(this.options.clusters)
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        await this.#catchUp()
        const room = this.#budget.left(from.by.token)
        const reading = { ...from, clusterLabel, clusters, expireMs, now: now(), room }
        const { appends, receipt, anew, leftOut } = readNotification(this.#state, notification, reading)
        try {
          if (appends.length > 0) await log.append(appends)
        } catch (error) {
          if (!(error instanceof VersionConflict)) throw error
          continue
        }
        this.#budget.spend(from.by.token, anew)
        if (leftOut > 0) throw new TooManyAlerts(receipt, leftOut)
        return receipt
      }
      throw new LogUnavailable(
        'other processes write alerts all the time; this notification was not recorded',
      )
    })
  }

  /** @throws LogUnavailable */
  firing(): Promise<Firing> {
    return this.#inTurn(async () => {
      await this.#catchUp()
      const { now, expireMs } = this.options
      const counts = ({ toldAt }: { readonly toldAt: string }) => isCurrent(toldAt, now().getTime(), expireMs)
      const alerts: FiringAlert[] = []
      const dropped = new Map<string | undefined, number>()
      for (const [name, stream] of this.#state) {
        alerts.push(...[...stream.firing.values()].filter(counts))
        if (stream.dropped && counts(stream.dropped)) dropped.set(clusterOf(name), stream.dropped.count)
      }
      return { alerts: sortAlerts(alerts), dropped }
    })
  }

  /** @throws LogUnavailable */
  snapshot(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#catchUp()
      const position = this.#position!
      if (position === '' || position === this.#saved) return
      await this.options.log.saveSnapshot(ALERTS_FOLD.name, ALERTS_FOLD.format, {
        position,
        state: freeze(this.#state),
      })
      this.#saved = position
    })
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#readOn()
    } catch (error) {
      if (!(error instanceof PositionTrimmed)) throw error
      // Another process keeps this fold, and was so far ahead that the log was trimmed: what it kept tells the rest.
      this.#position = undefined
      await this.#readOn()
    }
  }

  async #readOn(): Promise<void> {
    const { log } = this.options
    if (this.#position === undefined) {
      const snapshot = await log.loadSnapshot(ALERTS_FOLD.name, ALERTS_FOLD.format)
      this.#state = snapshot ? thaw(snapshot.state) : NOTHING
      this.#position = snapshot?.position ?? ''
    }
    for (;;) {
      const after = this.#position
      const page = await log.readFacts({ ...(after !== '' && { after }), stream: FAMILY, limit: PAGE })
      this.#state = applyAlerts(this.#state, page.events, this.options.expireMs)
      this.#position = page.next
      if (page.events.length < PAGE) return
    }
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(act)
    this.#queue = done.catch(() => undefined)
    return done
  }
}
