import { counter, gauge, infoSection } from './table.js'

/** INFO stats. */
export const stats = infoSection('stats', {
  total_connections_received: counter('connections_received_total', 'Connections accepted.'),
  total_commands_processed: counter('commands_processed_total', 'Commands processed.'),
  instantaneous_ops_per_sec: gauge('instantaneous_ops_per_sec', 'Commands a second, just now.'),
  instantaneous_input_kbps: gauge('instantaneous_input_kbps', 'KiB a second read, just now.'),
  instantaneous_output_kbps: gauge('instantaneous_output_kbps', 'KiB a second written, just now.'),
  instantaneous_input_repl_kbps: gauge(
    'instantaneous_input_repl_kbps',
    'KiB a second read for replication, just now.',
  ),
  instantaneous_output_repl_kbps: gauge(
    'instantaneous_output_repl_kbps',
    'KiB a second written for replication, just now.',
  ),
  total_net_cluster_slot_import_bytes: counter(
    'net_cluster_slot_import_bytes_total',
    'Bytes read for slots that moved here (Valkey 9).',
  ),
  total_net_cluster_slot_export_bytes: counter(
    'net_cluster_slot_export_bytes_total',
    'Bytes written for slots that moved away (Valkey 9).',
  ),
  rejected_connections: counter('rejected_connections_total', 'Connections refused because of maxclients.'),
  total_net_input_bytes: counter('net_input_bytes_total', 'Bytes read from the network.'),
  total_net_output_bytes: counter('net_output_bytes_total', 'Bytes written to the network.'),
  total_net_repl_input_bytes: counter('net_repl_input_bytes_total', 'Bytes read for replication.'),
  total_net_repl_output_bytes: counter('net_repl_output_bytes_total', 'Bytes written for replication.'),
  sync_full: gauge('replica_resyncs_full', 'Full resynchronisations of replicas.'),
  sync_partial_ok: gauge('replica_partial_resync_accepted', 'Partial resynchronisations accepted.'),
  sync_partial_err: gauge('replica_partial_resync_denied', 'Partial resynchronisations denied.'),
  expired_keys: counter('expired_keys_total', 'Keys that expired.'),
  expired_subkeys: counter('expired_subkeys_total', 'Hash fields that expired.'),
  expired_fields: counter('expired_fields_total', 'Hash fields that expired (Valkey).'),
  expired_keys_with_volatile_items_stale_perc: gauge(
    'expired_keys_with_volatile_items_stale_percentage',
    'Share of keys with expired items that are still there, in percent (Valkey).',
  ),
  expired_stale_perc: gauge(
    'expired_stale_percentage',
    'Share of expired keys that are still there, in percent.',
  ),
  expired_time_cap_reached_count: counter(
    'expired_time_cap_reached_total',
    'Expiry cycles that ran out of time.',
  ),
  expire_cycle_cpu_milliseconds: counter(
    'expire_cycle_cpu_time_ms_total',
    'Milliseconds spent on active expiry.',
  ),
  evicted_keys: counter('evicted_keys_total', 'Keys evicted because of maxmemory.'),
  evicted_clients: counter('evicted_clients_total', 'Clients evicted because of maxmemory-clients.'),
  evicted_scripts: counter('evicted_scripts_total', 'Cached scripts evicted.'),
  total_eviction_exceeded_time: counter(
    'eviction_exceeded_time_ms_total',
    'Milliseconds spent above maxmemory.',
  ),
  current_eviction_exceeded_time: gauge(
    'current_eviction_exceeded_time_ms',
    'Milliseconds since used memory last rose above maxmemory.',
  ),
  keyspace_hits: counter('keyspace_hits_total', 'Lookups that found their key.'),
  keyspace_misses: counter('keyspace_misses_total', 'Lookups that did not find their key.'),
  pubsub_channels: gauge('pubsub_channels', 'Channels with subscribers.'),
  pubsub_patterns: gauge('pubsub_patterns', 'Patterns with subscribers.'),
  pubsubshard_channels: gauge('pubsubshard_channels', 'Shard channels with subscribers.'),
  latest_fork_usec: gauge('latest_fork_seconds', 'Seconds that the last fork took.', { divideBy: 1e6 }),
  total_forks: counter('forks_total', 'Forks since start-up.'),
  total_cluster_links_buffer_limit_exceeded: counter(
    'cluster_links_buffer_limit_exceeded_total',
    'Links of the cluster bus that were freed because of their buffer limit.',
  ),
  migrate_cached_sockets: gauge('migrate_cached_sockets_total', 'Sockets kept open for MIGRATE.'),
  slave_expires_tracked_keys: gauge(
    'slave_expires_tracked_keys',
    'Keys whose expiry a writable replica tracks.',
  ),
  active_defrag_hits: gauge('defrag_hits', 'Values that defragmentation moved.'),
  active_defrag_misses: gauge('defrag_misses', 'Moves that defragmentation gave up.'),
  active_defrag_key_hits: gauge('defrag_key_hits', 'Keys that defragmentation moved.'),
  active_defrag_key_misses: gauge('defrag_key_misses', 'Keys that defragmentation passed over.'),
  total_active_defrag_time: counter(
    'active_defrag_time_ms_total',
    'Milliseconds that memory was above the fragmentation limit.',
  ),
  current_active_defrag_time: gauge(
    'current_active_defrag_time_ms',
    'Milliseconds since memory last rose above the fragmentation limit.',
  ),
  tracking_total_keys: gauge('tracking_total_keys', 'Keys tracked for client-side caching.'),
  tracking_total_items: gauge(
    'tracking_total_items',
    'Items (clients times keys) tracked for client-side caching.',
  ),
  tracking_total_prefixes: gauge(
    'tracking_total_prefixes',
    'Prefixes tracked for client-side caching in broadcast mode.',
  ),
  unexpected_error_replies: counter('unexpected_error_replies', 'Errors met while loading or replicating.'),
  total_error_replies: counter('total_error_replies', 'Error replies; a redirection (MOVED) counts too.'),
  dump_payload_sanitizations: counter('dump_payload_sanitizations', 'Deep checks of RESTORE payloads.'),
  total_reads_processed: counter('total_reads_processed', 'Read events processed.'),
  total_writes_processed: counter('total_writes_processed', 'Write events processed.'),
  io_threaded_reads_processed: counter(
    'io_threaded_reads_processed',
    'Read events processed by I/O threads.',
  ),
  io_threaded_writes_processed: counter(
    'io_threaded_writes_processed',
    'Write events processed by I/O threads.',
  ),
  io_threaded_freed_objects: counter(
    'io_threaded_freed_objects_total',
    'Objects freed by I/O threads (Valkey).',
  ),
  io_threaded_accept_processed: counter(
    'io_threaded_accept_processed_total',
    'Connections accepted by I/O threads (Valkey).',
  ),
  io_threaded_poll_processed: counter('io_threaded_poll_processed_total', 'Polls by I/O threads (Valkey).'),
  io_threaded_total_prefetch_batches: counter(
    'io_threaded_prefetch_batches_total',
    'Batches of keys prefetched (Valkey).',
  ),
  io_threaded_total_prefetch_entries: counter(
    'io_threaded_prefetch_entries_total',
    'Keys prefetched (Valkey).',
  ),
  client_query_buffer_limit_disconnections: counter(
    'client_query_buffer_limit_disconnections_total',
    'Clients cut off because of the query buffer limit.',
  ),
  client_output_buffer_limit_disconnections: counter(
    'client_output_buffer_limit_disconnections_total',
    'Clients cut off because of the output buffer limit.',
  ),
  reply_buffer_shrinks: counter('reply_buffer_shrinks_total', 'Reply buffers made smaller.'),
  reply_buffer_expands: counter('reply_buffer_expands_total', 'Reply buffers made bigger.'),
  eventloop_cycles: counter('eventloop_cycles_total', 'Rounds of the event loop.'),
  eventloop_duration_sum: counter(
    'eventloop_duration_sum_usec_total',
    'Microseconds spent in the event loop.',
  ),
  eventloop_duration_cmd_sum: counter(
    'eventloop_duration_cmd_sum_usec_total',
    'Microseconds spent on commands.',
  ),
  instantaneous_eventloop_cycles_per_sec: gauge(
    'instantaneous_eventloop_cycles_per_sec',
    'Rounds of the event loop a second.',
  ),
  instantaneous_eventloop_duration_usec: gauge(
    'instantaneous_eventloop_duration_usec',
    'Microseconds of a round of the event loop.',
  ),
  acl_access_denied_auth: counter('acl_access_denied_auth_total', 'Failed authentications.'),
  acl_access_denied_cmd: counter('acl_access_denied_cmd_total', 'Commands denied by ACL.'),
  acl_access_denied_key: counter('acl_access_denied_key_total', 'Keys denied by ACL.'),
  acl_access_denied_channel: counter('acl_access_denied_channel_total', 'Channels denied by ACL.'),
  acl_access_denied_tls_cert: counter(
    'acl_access_denied_tls_cert_total',
    'Authentications by TLS certificate that failed (Valkey).',
  ),
  acl_access_denied_db: counter('acl_access_denied_db_total', 'Databases denied by ACL (Valkey).'),
  cached_keys: counter('cached_keys_total', 'Keys in the cache (KeyDB).'),
})
