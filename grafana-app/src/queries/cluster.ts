/** One cluster over time, a line a node unless said otherwise. One function a query; units are in the names of metrics. */
import { clientHitRatio } from './hits'
import { ofCluster, ofNodes } from './selector'

type Query = (cluster: string) => string

const rate = (metric: string, cluster: string) => `rate(${metric}{${ofNodes(cluster)}}[$__rate_interval])`

/** Commands a second. */
export const commands: Query = (c) => `sum by (instance) (${rate('redis_commands_processed_total', c)})`

/** Bytes. */
export const memoryUsed: Query = (c) => `max by (instance) (redis_memory_used_bytes{${ofNodes(c)}})`

/** Bytes: the lowest limit of the nodes; none where all are unlimited. */
export const memoryLimit: Query = (c) => `min(redis_memory_max_bytes{${ofNodes(c)}} > 0)`

/** 0..1 of all nodes together; nothing without lookups of clients. */
export const hitRatio: Query = (c) => clientHitRatio(ofNodes(c), '$__rate_interval')

/** Keys a second that were thrown away for want of memory. */
export const evicted: Query = (c) => `sum by (instance) (${rate('redis_evicted_keys_total', c)})`

/** Keys a second whose time had come, all nodes together. */
export const expired: Query = (c) => `sum(${rate('redis_expired_keys_total', c)})`

export const clients: Query = (c) => `max by (instance) (redis_connected_clients{${ofNodes(c)}})`

/** Seconds since each replica last confirmed, as its primary says. */
export const replicaLag: Query = (c) =>
  `max by (instance, replica) (label_join(redis_connected_slave_lag_seconds{${ofNodes(c)}}, "replica", ":", "slave_ip", "slave_port"))`

/** Alerts that fire for the cluster, a series each with its labels. */
export const firingAlerts: Query = (c) => `ALERTS{alertstate="firing", ${ofCluster(c)}}`

/** Seconds since the epoch at which what an alert looks for began, a series each with the alert's labels. */
export const alertsSince: Query = (c) => `ALERTS_FOR_STATE{${ofCluster(c)}}`
