import { counter, gauge, infoSection } from './table.js'

/** INFO persistence. */
export const persistence = infoSection('persistence', {
  loading: gauge('loading_dump_file', '1 while the server loads its data set.'),
  loading_start_time: gauge(
    'loading_start_timestamp_seconds',
    'When the load under way began, in seconds since the epoch.',
  ),
  loading_total_bytes: gauge('loading_total_bytes', 'Bytes that the load under way has to read.'),
  loading_rdb_used_mem: gauge(
    'loading_rdb_used_memory_bytes',
    'Memory of the server that wrote the file being loaded.',
  ),
  loading_loaded_bytes: gauge('loading_loaded_bytes', 'Bytes that the load under way has read.'),
  loading_loaded_perc: gauge('loading_loaded_percentage', 'Share of the load that is done, in percent.'),
  loading_eta_seconds: gauge('loading_eta_seconds', 'Seconds that the load under way will still take.'),
  async_loading: gauge('async_loading', '1 while a replica loads a data set and serves the old one.'),
  current_cow_peak: gauge('current_cow_peak_bytes', 'Peak of the copy-on-write bytes of the running fork.'),
  current_cow_size: gauge('current_cow_size_bytes', 'Copy-on-write bytes of the running fork.'),
  current_cow_size_age: gauge('current_cow_size_age_seconds', 'Age of current_cow_size_bytes in seconds.'),
  current_fork_perc: gauge('current_fork_percentage', 'Progress of the running fork, in percent.'),
  current_save_keys_processed: gauge(
    'current_save_keys_processed',
    'Keys that the running save has written.',
  ),
  current_save_keys_total: gauge('current_save_keys_total', 'Keys that the running save has to write.'),
  rdb_changes_since_last_save: gauge('rdb_changes_since_last_save', 'Changes since the last snapshot.'),
  rdb_bgsave_in_progress: gauge('rdb_bgsave_in_progress', '1 while a snapshot is being saved.'),
  rdb_last_save_time: gauge(
    'rdb_last_save_timestamp_seconds',
    'When the last snapshot was saved, in seconds since the epoch.',
  ),
  rdb_last_bgsave_status: gauge('rdb_last_bgsave_status', '1 when the last snapshot succeeded.'),
  rdb_last_bgsave_time_sec: gauge(
    'rdb_last_bgsave_duration_sec',
    'Seconds that the last snapshot took; -1 before the first.',
  ),
  rdb_current_bgsave_time_sec: gauge(
    'rdb_current_bgsave_duration_sec',
    'Seconds that the running snapshot has taken; -1 when none runs.',
  ),
  rdb_saves: gauge('rdb_saves_total', 'Snapshots since start-up.'),
  rdb_last_cow_size: gauge('rdb_last_cow_size_bytes', 'Copy-on-write bytes of the last snapshot.'),
  rdb_last_load_keys_expired: gauge('rdb_last_load_expired_keys', 'Expired keys that the last load dropped.'),
  rdb_last_load_keys_loaded: gauge('rdb_last_load_loaded_keys', 'Keys that the last load brought.'),
  aof_enabled: gauge('aof_enabled', '1 when the append-only file is on.'),
  aof_rewrite_in_progress: gauge('aof_rewrite_in_progress', '1 while the AOF is being rewritten.'),
  aof_rewrite_scheduled: gauge('aof_rewrite_scheduled', '1 when a rewrite waits for the running snapshot.'),
  aof_last_rewrite_time_sec: gauge(
    'aof_last_rewrite_duration_sec',
    'Seconds that the last AOF rewrite took; -1 before the first.',
  ),
  aof_current_rewrite_time_sec: gauge(
    'aof_current_rewrite_duration_sec',
    'Seconds that the running AOF rewrite has taken; -1 when none runs.',
  ),
  aof_rewrites: counter('aof_rewrites_total', 'AOF rewrites since start-up.'),
  aof_rewrites_consecutive_failures: gauge(
    'aof_rewrites_consecutive_failures',
    'AOF rewrites that failed in a row.',
  ),
  aof_last_cow_size: gauge('aof_last_cow_size_bytes', 'Copy-on-write bytes of the last AOF rewrite.'),
  aof_current_size: gauge('aof_current_size_bytes', 'Bytes of the AOF.'),
  aof_base_size: gauge('aof_base_size_bytes', 'Bytes of the AOF after the last rewrite or start.'),
  aof_pending_rewrite: gauge('aof_pending_rewrite', '1 when a rewrite waits for the running snapshot.'),
  aof_buffer_length: gauge('aof_buffer_length', 'Bytes of the AOF buffer.'),
  aof_rewrite_buffer_length: gauge('aof_rewrite_buffer_length', 'Bytes of the AOF rewrite buffer.'),
  aof_pending_bio_fsync: gauge('aof_pending_bio_fsync', 'Fsyncs that wait in the background queue.'),
  aof_delayed_fsync: gauge('aof_delayed_fsync', 'Fsyncs that were delayed.'),
  aof_last_bgrewrite_status: gauge('aof_last_bgrewrite_status', '1 when the last AOF rewrite succeeded.'),
  aof_last_write_status: gauge('aof_last_write_status', '1 when the last write to the AOF succeeded.'),
  slot_migration_fork_in_progress: gauge(
    'slot_migration_fork_in_progress',
    '1 while a fork sends slots to another node (Valkey 9).',
  ),
  module_fork_in_progress: gauge('module_fork_in_progress', '1 while a module has forked.'),
  module_fork_last_cow_size: gauge(
    'module_fork_last_cow_size',
    'Copy-on-write bytes of the last fork of a module.',
  ),
})
