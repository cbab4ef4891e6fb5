/** A value a slot (label slot) of one cluster, instant; as many as --metrics.slot-stats lets the exporter have. */
import { ofCluster } from './selector'

type Query = (cluster: string) => string

/** Of primary and replicas alike. */
export const keys: Query = (c) => `max by (slot) (redis_cluster_slot_key_count{${ofCluster(c)}})`

const perSecond = (metric: string): Query => {
  return (c) => `sum by (slot) (rate(${metric}{${ofCluster(c)}}[5m]))`
}
/** Microseconds a second. */
export const cpu = perSecond('redis_cluster_slot_cpu_usec_total')
/** Bytes a second. */
export const networkIn = perSecond('redis_cluster_slot_network_bytes_in_total')
export const networkOut = perSecond('redis_cluster_slot_network_bytes_out_total')
