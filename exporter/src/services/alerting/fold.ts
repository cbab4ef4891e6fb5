import { alertSubject, type FiringAlert } from '../../contract/alerts.js'
import { eventTypes, TYPE_PREFIX, type StoredEvent } from '../../contract/events.js'

/** Streams of alerts: `alerts/<cluster>`, and one for those of no configured cluster (no cluster can be called so). */
export const FAMILY = 'alerts/'
const NO_CLUSTER = '-'

/** Firing alerts that are kept; of more, those that were told longest ago are forgotten. */
const MOST_FIRING = 2000

/** What the log says of alerts: versions of their streams, and what fires by stream and fingerprint. */
export interface AlertsState {
  readonly versions: ReadonlyMap<string, number>
  readonly firing: ReadonlyMap<string, FiringAlert>
}

export const NOTHING: AlertsState = { versions: new Map(), firing: new Map() }

export function streamOf(cluster: string | undefined): string {
  return FAMILY + (cluster ?? NO_CLUSTER)
}

export function keyOf(stream: string, fingerprint: string): string {
  return `${stream} ${fingerprint}`
}

/** The state after these events, which follow those that it was made of. */
export function applyAlerts(state: AlertsState, events: readonly StoredEvent[]): AlertsState {
  const versions = new Map(state.versions)
  const firing = new Map(state.firing)
  for (const { subject, type, streamversion, time, data } of events) {
    versions.set(subject, streamversion)
    if (type === `${TYPE_PREFIX}alert.fired`) {
      const facts = alertSubject.parse(data)
      const name = subject.slice(FAMILY.length)
      const key = keyOf(subject, facts.fingerprint)
      // Told last, kept longest.
      firing.delete(key)
      firing.set(key, { ...(name !== NO_CLUSTER && { cluster: name }), ...facts, toldAt: time })
      if (firing.size > MOST_FIRING) firing.delete(firing.keys().next().value!)
    } else if (type === `${TYPE_PREFIX}alert.resolved`) {
      const { fingerprint } = eventTypes['alert.resolved'].data.parse(data)
      firing.delete(keyOf(subject, fingerprint))
    }
  }
  return { versions, firing }
}

/** As JSON for a snapshot. */
export function freeze({ versions, firing }: AlertsState): unknown {
  return { versions: [...versions], firing: [...firing] }
}

export function thaw(frozen: unknown): AlertsState {
  const { versions, firing } = frozen as {
    versions: [string, number][]
    firing: [string, FiringAlert][]
  }
  return { versions: new Map(versions), firing: new Map(firing) }
}

/** By cluster, shard, node and name; what belongs to no cluster last. */
export function sortAlerts(alerts: readonly FiringAlert[]): FiringAlert[] {
  const rank = ({ cluster = '\u{10ffff}', shard = '', node = '', name }: FiringAlert) =>
    [cluster, shard, node, name] as const
  return [...alerts].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    const i = left.findIndex((part, at) => part !== right[at])
    return i < 0 ? 0 : left[i]! < right[i]! ? -1 : 1
  })
}
