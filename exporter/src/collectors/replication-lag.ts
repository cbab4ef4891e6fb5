import type { Samples } from '../exposition/families.js'
import { ownFamily } from './table.js'

/** How far replicas are behind, measured against the offsets of their primaries over time. */
const seconds = ownFamily(
  'gauge',
  'slotwise_cluster_replication_lag_seconds',
  'Since when the primary has been further than the replica is: the age of the newest write that the replica has, or 0; at least, when that is older than what the exporter has seen.',
)
const bytes = ownFamily(
  'gauge',
  'slotwise_cluster_replication_lag_bytes',
  'Bytes of the replication stream that the replica is behind what its primary was last seen to have.',
)

export const replicationLagFamilies = [seconds, bytes]

export interface ReplicaLag {
  readonly instance: string
  readonly shard: string
  readonly seconds: number
  readonly bytes: number
}

export function collectReplicationLag(lags: readonly ReplicaLag[], samples: Samples): void {
  for (const lag of lags) {
    const labels = [
      ['instance', lag.instance],
      ['shard', lag.shard],
    ] as const
    samples.add(seconds, lag.seconds, labels)
    samples.add(bytes, lag.bytes, labels)
  }
}
