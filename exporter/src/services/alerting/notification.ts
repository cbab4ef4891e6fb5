import type { Actor } from '../../contract/actor.js'
import type { AlertNotification, AlertReceipt } from '../../contract/alerts.js'
import type { EventData, NewEvent } from '../../contract/events.js'
import type { StreamAppend } from '../../events/log.js'
import { isCurrent, streamOf, type AlertsState } from './fold.js'

type Notified = AlertNotification['alerts'][number]
type Facts = Omit<EventData<'alert.fired'>, 'by' | 'repeated'>

/** Characters, as JSON, of an alert that counts as one; a longer one counts as several. */
const ORDINARY = 4096
const MOST_LABELS = 64
const LONGEST_LABEL = 256
const LONGEST_TEXT = 2000

export interface Reading {
  /** The label that names the cluster. */
  readonly clusterLabel: string
  /** Configured clusters; an alert of another belongs to none. */
  readonly clusters: ReadonlySet<string>
  readonly by: Actor
  /** Whether whoever sends it may tell something about this cluster. */
  readonly mayTell: (cluster: string | undefined) => boolean
  readonly now: Date
  /** After what time a firing alert that is not told again counts for nothing; one that is told again is recorded anew
   * after half of it. */
  readonly expireMs: number
  /**
   * Alerts of ordinary size that may fire anew; what is beyond them is left out. What is known already, and what is
   * over, is not counted.
   */
  readonly room: number
}

export interface NotificationReading {
  readonly appends: readonly StreamAppend[]
  readonly receipt: AlertReceipt
  /** How much of the room those take that fire anew. */
  readonly anew: number
  /** Alerts that there was no room for. */
  readonly leftOut: number
}

/**
 * What a notification adds to what the log says: nothing for an alert that is in this state already. So repeats fill
 * no log, but for one from time to time that shows that the alert fires still.
 */
export function readNotification(
  state: AlertsState,
  { alerts }: AlertNotification,
  { clusterLabel, clusters, by, mayTell, now, expireMs, room }: Reading,
): NotificationReading {
  const events = new Map<string, NewEvent[]>()
  const receipt = { recorded: 0, repeated: 0, ignored: 0 }
  let [anew, leftOut] = [0, 0]
  /** The newest of one alert decides, where it is there more than once. */
  const newest = new Map(alerts.map((alert) => [JSON.stringify([alert.fingerprint, alert.labels]), alert]))
  receipt.repeated += alerts.length - newest.size
  for (const alert of newest.values()) {
    const named = alert.labels[clusterLabel]
    const cluster = named !== undefined && clusters.has(named) ? named : undefined
    if (!mayTell(cluster)) {
      receipt.ignored++
      continue
    }
    const stream = streamOf(cluster)
    const known = state.get(stream)?.firing.get(alert.fingerprint.toLowerCase())
    const toldWithin = (ms: number) => known !== undefined && isCurrent(known.toldAt, now.getTime(), ms)
    const isSame = known?.startsAt === alert.startsAt
    const event = eventOf(alert, {
      by,
      fires: toldWithin(expireMs),
      isRecorded: isSame && toldWithin(expireMs / 2),
      isSame,
    })
    if (!event) {
      receipt.repeated++
      continue
    }
    if (event.type === 'alert.fired' && !event.data.repeated) {
      const cost = Math.ceil(JSON.stringify(event.data).length / ORDINARY)
      if (anew + cost > room) {
        leftOut++
        continue
      }
      anew += cost
    }
    receipt.recorded++
    const ofStream = events.get(stream) ?? []
    ofStream.push({ ...event, time: now.toISOString() })
    events.set(stream, ofStream)
  }
  return {
    appends: [...events].map(([stream, events]) => ({
      stream,
      expectedVersion: state.get(stream)?.version ?? 0,
      events,
    })),
    receipt,
    anew,
    leftOut,
  }
}

function eventOf(
  alert: Notified,
  { by, fires, isRecorded, isSame }: { by: Actor; fires: boolean; isRecorded: boolean; isSame: boolean },
): NewEvent | undefined {
  const facts = factsOf(alert)
  if (alert.status === 'resolved') {
    if (!fires) return undefined
    const { fingerprint, name, severity, shard, node, startsAt } = facts
    const data = { fingerprint, name, startsAt, by }
    return {
      type: 'alert.resolved',
      data: {
        ...data,
        ...(severity !== undefined && { severity }),
        ...(shard !== undefined && { shard }),
        ...(node !== undefined && { node }),
      },
    }
  }
  if (isRecorded) return undefined
  return { type: 'alert.fired', data: { ...facts, repeated: fires && isSame, by } }
}

function factsOf({ labels, annotations, startsAt, fingerprint }: Notified): Facts {
  const text = (value: string | undefined, key: keyof Facts) =>
    value === undefined || value === '' ? {} : { [key]: cut(value, LONGEST_TEXT) }
  return {
    fingerprint: fingerprint.toLowerCase(),
    name: cut(labels.alertname ?? '(no name)', LONGEST_LABEL),
    ...text(labels.severity, 'severity'),
    ...text(labels.shard, 'shard'),
    ...text(labels.instance, 'node'),
    ...text(annotations.summary, 'summary'),
    ...text(annotations.description, 'description'),
    ...text(annotations.runbook_url, 'runbook'),
    labels: Object.fromEntries(
      Object.entries(labels)
        .slice(0, MOST_LABELS)
        .map(([name, value]) => [cut(name, LONGEST_LABEL), cut(value, LONGEST_LABEL)]),
    ),
    startsAt,
  }
}

/** Without control characters, and not longer than this. */
function cut(text: string, most: number): string {
  const clean = text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')
  return clean.length > most ? `${clean.slice(0, most)}…` : clean
}
