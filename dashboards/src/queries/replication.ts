/** How far the replicas are behind, and what redundancy there is. */
import { ofCluster, ofNodes } from './selectors.js'

export { busLinksDown, primaryLink } from './nodes.js'

const byReplica = (expr: string) =>
  `max by (instance, replica) (label_join(${expr}, "replica", ":", "slave_ip", "slave_port"))`

/** Bytes. Both offsets come from one answer of the primary, so that they belong to the same moment. */
export const bytesBehind = byReplica(
  `redis_master_repl_offset{${ofNodes}} - on (redis_cluster, instance) group_right () redis_connected_slave_offset_bytes{${ofNodes}}`,
)

/** Seconds since a replica last confirmed, as its primary sees it. */
export const lastConfirmed = byReplica(`redis_connected_slave_lag_seconds{${ofNodes}}`)

export const replicasByShard = `min by (shard) (slotwise_cluster_shard_replicas{${ofCluster}})`
