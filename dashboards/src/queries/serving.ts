/** Is the cluster serving? */
import { ofCluster } from './selectors.js'

/** 0..1, by vote of the nodes that answer. */
export const nodesThatSayOk = `avg by (redis_cluster) (redis_cluster_state{${ofCluster}})`

/** 0..16384: the least that any exporter sees. */
export const slotsCovered = `min by (redis_cluster) (slotwise_cluster_slots_covered{${ofCluster}})`

export const nodesUp = `sum by (redis_cluster) (redis_up{${ofCluster}})`

export const nodesDown = `sum by (redis_cluster) (redis_up{${ofCluster}} == bool 0)`

/** 1: the nodes agree about the topology; more: they do not; 0: none could be asked. */
export const views = `max by (redis_cluster) (slotwise_cluster_views{${ofCluster}})`

export const shardsWithoutReplica = `sum by (redis_cluster) (slotwise_cluster_shard_replicas{${ofCluster}} == bool 0)`

export const slotsMigrating = `max by (redis_cluster) (slotwise_cluster_slots_migrating{${ofCluster}})`

/** Seconds since the topology was last read. */
export const topologyAge = `time() - max by (redis_cluster) (slotwise_cluster_last_discovery_timestamp_seconds{${ofCluster}})`

/** 1 passes, 0 does not. */
export const checks = `min by (check) (slotwise_cluster_health{${ofCluster}})`

/** As Prometheus itself has them; a cluster that is well has none. */
export const firingAlerts = `ALERTS{alertstate="firing", ${ofCluster}}`
