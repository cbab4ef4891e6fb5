import type { Actor } from '../../contract/actor.js'
import type { AlertNotification, AlertReceipt, FiringAlert } from '../../contract/alerts.js'
import { LogUnavailable, VersionConflict, type EventLog } from '../../events/log.js'
import { applyAlerts, FAMILY, freeze, NOTHING, sortAlerts, thaw, type AlertsState } from './fold.js'
import { readNotification, type Reading } from './notification.js'

export interface AlertingOptions extends Pick<Reading, 'clusterLabel' | 'expireMs'> {
  readonly log: EventLog
  /** Names of the configured clusters. */
  readonly clusters: readonly string[]
  readonly now: () => Date
  readonly onWarning: (message: string) => void
}

/** What snapshots of the alerts are called. */
export const ALERTS_FOLD = { name: 'alerts', format: 1 }
const SNAPSHOT_MS = 60_000
const PAGE = 1000
/** Other processes take notifications too. */
const MOST_TRIES = 5

/** Takes Alertmanager's notifications into the log, and tells what fires by what the log says. */
export class Alerting {
  #state: AlertsState = NOTHING
  /** Up to where `#state` has the log; undefined before the first reading. */
  #position: string | undefined
  #saved: string | undefined
  #timer: NodeJS.Timeout | undefined
  /** One at a time: each begins with what the one before it left. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: AlertingOptions) {}

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
        const reading = { ...from, clusterLabel, clusters, expireMs, now: now() }
        const { appends, receipt } = readNotification(this.#state, notification, reading)
        try {
          if (appends.length > 0) await log.append(appends)
          return receipt
        } catch (error) {
          if (!(error instanceof VersionConflict)) throw error
        }
      }
      throw new LogUnavailable(
        'other processes write alerts all the time; this notification was not recorded',
      )
    })
  }

  /** What fires now, sorted. @throws LogUnavailable */
  firing(): Promise<readonly FiringAlert[]> {
    return this.#inTurn(async () => {
      await this.#catchUp()
      const oldest = this.options.now().getTime() - this.options.expireMs
      return sortAlerts([...this.#state.firing.values()].filter(({ toldAt }) => Date.parse(toldAt) > oldest))
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
    const { log } = this.options
    if (this.#position === undefined) {
      const snapshot = await log.loadSnapshot(ALERTS_FOLD.name, ALERTS_FOLD.format)
      this.#state = snapshot ? thaw(snapshot.state) : NOTHING
      this.#position = snapshot?.position ?? ''
    }
    for (;;) {
      const after = this.#position
      const page = await log.read({ ...(after !== '' && { after }), stream: FAMILY, limit: PAGE })
      this.#state = applyAlerts(this.#state, page.events)
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
