/** The table of nodes: an instant query a column, each with the label `instance`. */
import { ofCluster, ofNodes } from './selectors.js'

/** The role is no label of values, since it changes in a failover: it comes from the info series. */
const roles = `max by (redis_cluster, instance, shard, role) (slotwise_cluster_node_info{${ofCluster}})`

/** With the labels shard and role; a node that the topology does not list (any more) has no role, but stays in the table. */
export const upWithRole = `max by (instance, shard, role) (redis_up{${ofNodes}} * on (redis_cluster, instance) group_left (role) ${roles} or on (redis_cluster, instance) redis_up{${ofNodes}})`

export const uptime = `max by (instance) (redis_uptime_in_seconds{${ofNodes}})`

export const memoryUsed = `max by (instance) (redis_memory_used_bytes{${ofNodes}})`

/** 0..1 and beyond; no value where maxmemory is 0, which is no limit. */
export const memoryShare = `max by (instance) (redis_memory_used_bytes{${ofNodes}} / (redis_memory_max_bytes{${ofNodes}} > 0))`

export const keys = `sum by (instance) (redis_db_keys{${ofNodes}})`

export const commandsPerSecond = `sum by (instance) (rate(redis_commands_processed_total{${ofNodes}}[$__rate_interval]))`

export const clients = `max by (instance) (redis_connected_clients{${ofNodes}})`

/** Replicas only: 1 when the link to the primary is up. */
export const primaryLink = `min by (instance) (redis_master_link_up{${ofNodes}})`

/** Replicas only: seconds since the primary was last heard. */
export const heardPrimary = `max by (instance) (redis_master_last_io_seconds_ago{${ofNodes}})`

/** How many of the views read have lost their link to the node. */
export const busLinksDown = `max by (instance) (slotwise_cluster_links_down{${ofNodes}})`
