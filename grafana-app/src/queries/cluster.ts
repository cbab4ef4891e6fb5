/** One cluster over time, a line a node unless said otherwise. One function a query; units are in the names of metrics. */
import { clientHitRatio } from './hits'
import * as nodes from './nodes'
import { ofCluster, ofNodes } from './selector'

type Query = (cluster: string) => string

const RANGE = '$__rate_interval'

/** Of the nodes that are chosen on the page. */
const chosen =
  (query: nodes.OfNodes): Query =>
  (c) =>
    query(ofNodes(c), RANGE)

/** Commands a second. */
export const commands = chosen(nodes.commands)

/** Bytes. */
export const memoryUsed = chosen(nodes.memoryUsed)

/** Bytes: the lowest limit of the nodes; none where all are unlimited. */
export const memoryLimit: Query = (c) => `min(redis_memory_max_bytes{${ofNodes(c)}} > 0)`

/** 0..1 of all nodes together; nothing without lookups of clients. */
export const hitRatio: Query = (c) => clientHitRatio(ofNodes(c), RANGE)

/** Keys a second that were thrown away for want of memory. */
export const evicted = chosen(nodes.evicted)

/** Keys a second whose time had come, all nodes together. */
export const expired: Query = (c) => `sum(${chosen(nodes.expired)(c)})`

export const clients = chosen(nodes.clients)

/** Seconds since each replica last confirmed, as its primary says. */
export const replicaLag: Query = (c) =>
  `max by (instance, replica) (label_join(redis_connected_slave_lag_seconds{${ofNodes(c)}}, "replica", ":", "slave_ip", "slave_port"))`

/** Alerts that fire for the cluster, a series each with its labels. */
export const firingAlerts: Query = (c) => `ALERTS{alertstate="firing", ${ofCluster(c)}}`

/** Seconds since the epoch at which what an alert looks for began, a series each with the alert's labels. */
export const alertsSince: Query = (c) => `ALERTS_FOR_STATE{${ofCluster(c)}}`
