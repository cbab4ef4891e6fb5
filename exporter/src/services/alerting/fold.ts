import { alertSubject, type FiringAlert } from '../../contract/alerts.js'
import { eventTypes, TYPE_PREFIX } from '../../contract/events.js'
import type { Fact } from '../../events/log.js'

/** Streams of alerts: `alerts/<cluster>`, and one for those of no configured cluster (no cluster can be called so). */
export const FAMILY = 'alerts/'
const NO_CLUSTER = '-'
/**
 * Firing alerts of a stream that are kept; of more, those that were told longest ago are dropped. Each stream has its
 * own room: whoever may tell of one cluster only pushes out nothing of another.
 */
export const MOST_FIRING = 2000

/** What the log says of the alerts of one stream. */
export interface AlertStream {
  readonly version: number
  /** By fingerprint; told longest ago first. */
  readonly firing: ReadonlyMap<string, FiringAlert>
  /** How many were dropped while they might still have fired, and when the last of them had been told. */
  readonly dropped?: { readonly count: number; readonly toldAt: string }
}

/** By stream. */
export type AlertsState = ReadonlyMap<string, AlertStream>

export const NOTHING: AlertsState = new Map()

export function streamOf(cluster: string | undefined): string {
  return FAMILY + (cluster ?? NO_CLUSTER)
}

/** The cluster of a stream; undefined for that of no configured cluster. */
export function clusterOf(stream: string): string | undefined {
  const name = stream.slice(FAMILY.length)
  return name === NO_CLUSTER ? undefined : name
}

/** Whether what was told then still counts. */
export function isCurrent(toldAt: string, nowMs: number, expireMs: number): boolean {
  return Date.parse(toldAt) > nowMs - expireMs
}

interface Draft extends AlertStream {
  version: number
  readonly firing: Map<string, FiringAlert>
  dropped?: NonNullable<AlertStream['dropped']>
}

/** The state after these events, which follow those that it was made of. */
export function applyAlerts(state: AlertsState, events: readonly Fact[], expireMs: number): AlertsState {
  const drafts = new Map<string, Draft>()
  for (const event of events) {
    const { subject, type, streamversion, data } = event
    let draft = drafts.get(subject)
    if (!draft) {
      const before = state.get(subject)
      draft = { version: 0, ...before, firing: new Map(before?.firing) }
      drafts.set(subject, draft)
    }
    draft.version = streamversion
    if (type === `${TYPE_PREFIX}alert.fired`) fired(draft, event, expireMs)
    else if (type === `${TYPE_PREFIX}alert.resolved`)
      draft.firing.delete(eventTypes['alert.resolved'].data.parse(data).fingerprint)
  }
  return new Map([...state, ...drafts])
}

function fired(draft: Draft, { subject, time, data }: Fact, expireMs: number): void {
  const { firing, dropped } = draft
  const facts = alertSubject.parse(data)
  const cluster = clusterOf(subject)
  // Told last, kept longest.
  firing.delete(facts.fingerprint)
  firing.set(facts.fingerprint, { ...(cluster !== undefined && { cluster }), ...facts, toldAt: time })
  if (firing.size <= MOST_FIRING) return
  const [fingerprint, { toldAt }] = firing.entries().next().value!
  firing.delete(fingerprint)
  const counts = (when: string) => isCurrent(when, Date.parse(time), expireMs)
  if (!counts(toldAt)) return
  draft.dropped = { count: dropped && counts(dropped.toldAt) ? dropped.count + 1 : 1, toldAt }
}

/** As JSON for a snapshot. */
export function freeze(state: AlertsState): unknown {
  return [...state].map(([stream, { firing, ...rest }]) => [stream, { ...rest, firing: [...firing] }])
}

export function thaw(frozen: unknown): AlertsState {
  const streams = frozen as [
    string,
    Omit<AlertStream, 'firing'> & { readonly firing: [string, FiringAlert][] },
  ][]
  return new Map(
    streams.map(([stream, { firing, ...rest }]) => [stream, { ...rest, firing: new Map(firing) }]),
  )
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
