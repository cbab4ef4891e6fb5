import type { Family, Samples } from '../exposition/families.js'
import type { NodeReading } from '../redis/replies.js'
import { family, ownFamily } from './table.js'

/** What the exporter says of its reading of a node. */
const up = family('gauge', 'up', '1 when the node answered INFO.')
const lastError = family(
  'gauge',
  'exporter_last_scrape_error',
  '1 when the last reading of the node failed; err says why and what to do.',
)
const duration = family(
  'gauge',
  'exporter_last_scrape_duration_seconds',
  'Seconds that the last reading of the node took.',
)
const connectTime = family(
  'gauge',
  'exporter_last_scrape_connect_time_seconds',
  'Seconds that connecting to the node took, the last time it was needed.',
)
const pingTime = family('gauge', 'exporter_last_scrape_ping_time_seconds', 'Seconds that a PING took.')
const success = ownFamily(
  'gauge',
  'slotwise_collector_success',
  '1 when a collector got its replies from the node, and they made sense.',
)
const collectorError = ownFamily(
  'gauge',
  'slotwise_collector_error_info',
  'Why a collector failed, and what to do; always 1.',
)
const collectorDuration = ownFamily(
  'gauge',
  'slotwise_collector_duration_seconds',
  'Seconds that the round trips of a collector took; those without any of their own are in that of info.',
)

export const selfFamilies = [
  up,
  lastError,
  duration,
  connectTime,
  pingTime,
  success,
  collectorError,
  collectorDuration,
]

/** Families that carry no role with --append-instance-role-label. */
export const withoutRole: ReadonlySet<Family> = new Set([connectTime, pingTime])

/** @param failed collectors whose replies made no sense, and why */
export function collectSelf(
  reading: NodeReading,
  samples: Samples,
  failed: ReadonlyMap<string, string> = new Map(),
): void {
  const error = reading.error ?? ''
  samples.add(up, error === '' ? 1 : 0)
  samples.add(lastError, error === '' ? 0 : 1, [['err', error]])
  samples.add(duration, reading.durationSeconds)
  samples.add(connectTime, reading.connectSeconds)
  if (reading.pingSeconds !== undefined) samples.add(pingTime, reading.pingSeconds)
  if (error !== '') samples.add(success, 0, [['collector', 'info']])
  for (const [name, replies] of reading.replies ?? []) {
    const why = replies.error ?? failed.get(name)
    samples.add(success, why === undefined ? 1 : 0, [['collector', name]])
    if (why !== undefined) {
      samples.add(collectorError, 1, [
        ['collector', name],
        ['err', why],
      ])
    }
    const seconds = replies.durationSeconds ?? (name === 'info' ? reading.durationSeconds : undefined)
    if (seconds !== undefined) samples.add(collectorDuration, seconds, [['collector', name]])
  }
}
