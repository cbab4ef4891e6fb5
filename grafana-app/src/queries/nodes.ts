/**
 * A value a node (label instance). One function a query; a node is compared with its peers by the same.
 * @param of what stands in the braces of a selector: one node, some, or a whole cluster
 * @param range of rates: `5m`, `$__rate_interval`
 */
import { clientHitRatio } from './hits'

export type OfNodes = (of: string, range: string) => string

const gauge =
  (metric: string): OfNodes =>
  (of) =>
    `max by (instance) (${metric}{${of}})`
const perSecond =
  (metric: string): OfNodes =>
  (of, range) =>
    `sum by (instance) (rate(${metric}{${of}}[${range}]))`

export const up = gauge('redis_up')
/** Seconds. */
export const uptime = gauge('redis_uptime_in_seconds')

/** Bytes. */
export const memoryUsed = gauge('redis_memory_used_bytes')
/** Bytes; 0: no limit. */
export const memoryLimit = gauge('redis_memory_max_bytes')
/** 0..1 of maxmemory; nothing without a limit. */
export const memoryShare: OfNodes = (of) =>
  `max by (instance) (redis_memory_used_bytes{${of}} / (redis_memory_max_bytes{${of}} > 0))`
/** Bytes that the operating system counts. */
export const memoryResident = gauge('redis_memory_used_rss_bytes')
export const fragmentation = gauge('redis_mem_fragmentation_ratio')
/** Bytes of buffers of clients, replicas left out. */
export const clientBuffers = gauge('redis_mem_clients_normal')
export const keys: OfNodes = (of) => `sum by (instance) (redis_db_keys{${of}})`
/** Keys that expire. */
export const keysWithTtl: OfNodes = (of) => `sum by (instance) (redis_db_keys_expiring{${of}})`
/** Keys a second, as the following. */
export const evicted = perSecond('redis_evicted_keys_total')
export const expired = perSecond('redis_expired_keys_total')

export const commands = perSecond('redis_commands_processed_total')
/** Mean seconds a command. */
export const latency: OfNodes = (of, range) =>
  `sum by (instance) (rate(redis_commands_duration_seconds_total{${of}}[${range}])) / (sum by (instance) (rate(redis_commands_total{${of}}[${range}])) > 0)`
/** 0..1 of the lookups of clients. */
export const hitRatio: OfNodes = (of, range) => clientHitRatio(of, range, ['instance'])
export const errors = perSecond('redis_total_error_replies')
/** Commands that came into the slow log, a second. */
export const slow: OfNodes = (of, range) => `max by (instance) (rate(redis_slowlog_last_id{${of}}[${range}]))`
/** Cores that it keeps busy. */
export const cpu: OfNodes = (of, range) =>
  `sum by (instance) (rate(redis_cpu_user_seconds_total{${of}}[${range}]) + rate(redis_cpu_sys_seconds_total{${of}}[${range}]))`
/** Bytes a second. */
export const networkIn = perSecond('redis_net_input_bytes_total')
export const networkOut = perSecond('redis_net_output_bytes_total')

export const clients = gauge('redis_connected_clients')
export const blockedClients = gauge('redis_blocked_clients')
/** Connections a second. */
export const connections = perSecond('redis_connections_received_total')
export const rejectedConnections = perSecond('redis_rejected_connections_total')
/** 0..1 of maxclients. */
export const clientShare: OfNodes = (of) =>
  `max by (instance) (redis_connected_clients{${of}} / (redis_max_clients{${of}} > 0))`
/** Bytes of the largest recent buffer of a client. */
export const largestInput = gauge('redis_client_recent_max_input_buffer_bytes')
export const largestOutput = gauge('redis_client_recent_max_output_buffer_bytes')

/** 1 or 0, of replicas. */
export const linkUp = gauge('redis_master_link_up')
/** Seconds, of replicas: the age of the newest write that it has. */
export const lagSeconds = gauge('slotwise_cluster_replication_lag_seconds')
export const lagBytes = gauge('slotwise_cluster_replication_lag_bytes')
/** Of primaries. */
export const replicas = gauge('redis_connected_slaves')
/** Bytes. */
export const backlog = gauge('redis_repl_backlog_history_bytes')
/** Whole copies of the data that replicas asked for, a second. */
export const fullResyncs: OfNodes = (of, range) =>
  `max by (instance) (rate(redis_replica_resyncs_full{${of}}[${range}]))`
/** Bytes a second. */
export const replicationOut = perSecond('redis_net_repl_output_bytes_total')

/** Seconds since the last snapshot. */
export const snapshotAge: OfNodes = (of) =>
  `time() - max by (instance) (redis_rdb_last_save_timestamp_seconds{${of}})`
/** 1 or 0. */
export const snapshotOk = gauge('redis_rdb_last_bgsave_status')
export const unsavedChanges = gauge('redis_rdb_changes_since_last_save')
/** 1 or 0. */
export const aofOn = gauge('redis_aof_enabled')
export const aofOk = gauge('redis_aof_last_write_status')
/** Bytes; nothing while the AOF is off. */
export const aofSize = gauge('redis_aof_current_size_bytes')
/** Seconds that the last fork held up commands. */
export const forkSeconds = gauge('redis_latest_fork_seconds')
/** 1 while it loads its data and answers nothing. */
export const loading = gauge('redis_loading_dump_file')
