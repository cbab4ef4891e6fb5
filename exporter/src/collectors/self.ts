import type { Samples } from '../exposition/families.js'
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
const success = ownFamily(
  'gauge',
  'slotwise_collector_success',
  '1 when a collector got its replies from the node.',
)

export const selfFamilies = [up, lastError, duration, connectTime, success]

export function collectSelf(reading: NodeReading, samples: Samples): void {
  const error = reading.error ?? reading.clusterInfo?.error ?? ''
  samples.add(up, reading.error === undefined ? 1 : 0)
  samples.add(lastError, error === '' ? 0 : 1, [['err', error]])
  samples.add(duration, reading.durationSeconds)
  samples.add(connectTime, reading.connectSeconds)
  samples.add(success, reading.error === undefined ? 1 : 0, [['collector', 'info']])
  if (reading.clusterInfo) {
    samples.add(success, reading.clusterInfo.error === undefined ? 1 : 0, [['collector', 'cluster_info']])
  }
}
