import { gauge, infoSection } from './table.js'

/** INFO memory. Bytes unless a name says otherwise. */
export const memory = infoSection('memory', {
  used_memory: gauge('memory_used_bytes', 'Bytes allocated by the allocator.'),
  used_memory_rss: gauge('memory_used_rss_bytes', 'Resident memory of the process.'),
  used_memory_peak: gauge('memory_used_peak_bytes', 'Peak of memory_used_bytes.'),
  used_memory_peak_perc: gauge(
    'memory_used_peak_percentage',
    'Used memory as a share of its peak, in percent.',
  ),
  used_memory_dataset_perc: gauge(
    'memory_used_dataset_percentage',
    'Data set as a share of used memory less start-up, in percent.',
  ),
  used_memory_overhead: gauge('memory_used_overhead_bytes', 'Bytes spent on other things than the data set.'),
  used_memory_startup: gauge('memory_used_startup_bytes', 'Bytes allocated at start-up.'),
  used_memory_dataset: gauge('memory_used_dataset_bytes', 'Bytes of the data set.'),
  used_memory_lua: gauge('memory_used_lua_bytes', 'Bytes of the Lua engine for EVAL.'),
  used_memory_vm_eval: gauge('memory_used_vm_eval_bytes', 'Bytes of the script engines for EVAL.'),
  used_memory_scripts_eval: gauge(
    'memory_used_scripts_eval_bytes',
    'Overhead of cached EVAL scripts in bytes.',
  ),
  used_memory_vm_functions: gauge(
    'memory_used_vm_functions_bytes',
    'Bytes of the script engines for functions.',
  ),
  used_memory_vm_total: gauge('memory_used_vm_total', 'Bytes of all script engines.'),
  used_memory_functions: gauge('memory_used_functions_bytes', 'Overhead of functions in bytes.'),
  used_memory_scripts: gauge('memory_used_scripts_bytes', 'Overhead of scripts and functions in bytes.'),
  number_of_cached_scripts: gauge('number_of_cached_scripts', 'Cached EVAL scripts.'),
  number_of_functions: gauge('number_of_functions', 'Functions.'),
  number_of_libraries: gauge('number_of_libraries', 'Function libraries.'),
  maxmemory: gauge('memory_max_bytes', 'The maxmemory limit; 0 when unlimited.'),
  maxmemory_reservation: gauge(
    'memory_max_reservation_bytes',
    'Reserved for other use than the cache (Azure).',
  ),
  maxmemory_desired_reservation: gauge('memory_max_reservation_desired_bytes', 'Wanted reservation (Azure).'),
  maxfragmentationmemory_reservation: gauge(
    'memory_max_fragmentation_reservation_bytes',
    'Reserved for fragmentation (Azure).',
  ),
  maxfragmentationmemory_desired_reservation: gauge(
    'memory_max_fragmentation_reservation_desired_bytes',
    'Wanted reservation for fragmentation (Azure).',
  ),
  allocator_allocated: gauge('allocator_allocated_bytes', 'Bytes that the allocator has handed out.'),
  allocator_active: gauge('allocator_active_bytes', 'Bytes in active pages of the allocator.'),
  allocator_resident: gauge('allocator_resident_bytes', 'Resident bytes of the allocator.'),
  allocator_muzzy: gauge('allocator_muzzy_bytes', 'Bytes that the allocator has freed lazily.'),
  allocator_frag_ratio: gauge('allocator_frag_ratio', 'Active over allocated bytes: external fragmentation.'),
  allocator_frag_bytes: gauge('allocator_frag_bytes', 'Active less allocated bytes.'),
  allocator_rss_ratio: gauge('allocator_rss_ratio', 'Resident over active bytes of the allocator.'),
  allocator_rss_bytes: gauge('allocator_rss_bytes', 'Resident less active bytes of the allocator.'),
  rss_overhead_ratio: gauge(
    'rss_overhead_ratio',
    'Resident memory of the process over that of the allocator.',
  ),
  rss_overhead_bytes: gauge(
    'rss_overhead_bytes',
    'Resident memory of the process less that of the allocator.',
  ),
  mem_fragmentation_ratio: gauge('mem_fragmentation_ratio', 'Resident over used memory.'),
  mem_fragmentation_bytes: gauge('mem_fragmentation_bytes', 'Resident less used memory.'),
  mem_not_counted_for_evict: gauge(
    'mem_not_counted_for_eviction_bytes',
    'Bytes that eviction does not count, replica buffers mostly.',
  ),
  mem_replication_backlog: gauge('mem_replication_backlog_bytes', 'Bytes of the replication backlog.'),
  mem_total_replication_buffers: gauge(
    'mem_total_replication_buffers_bytes',
    'Bytes of all replication buffers.',
  ),
  mem_replicas_repl_buffer: gauge(
    'mem_replicas_repl_buffer_bytes',
    'Bytes that a replica buffers while it loads a full copy (Valkey).',
  ),
  mem_replica_full_sync_buffer: gauge(
    'mem_replica_full_sync_buffer_bytes',
    'Bytes that a replica buffers while it loads a full copy (Redis 8).',
  ),
  mem_clients_slaves: gauge('mem_clients_slaves', "Bytes of the replicas' buffers."),
  mem_clients_normal: gauge('mem_clients_normal', 'Bytes held by normal clients.'),
  mem_cluster_links: gauge('mem_cluster_links_bytes', 'Bytes of the links to other nodes of the cluster.'),
  mem_cluster_slot_import: gauge('mem_cluster_slot_import_bytes', 'Bytes of slot imports (Valkey 9).'),
  mem_cluster_slot_export: gauge('mem_cluster_slot_export_bytes', 'Bytes of slot exports (Valkey 9).'),
  mem_aof_buffer: gauge('mem_aof_buffer_bytes', 'Bytes of the AOF buffers.'),
  mem_overhead_db_hashtable_rehashing: gauge(
    'mem_overhead_db_hashtable_rehashing_bytes',
    'Bytes that rehashing tables hold for a while.',
  ),
  active_defrag_running: gauge(
    'active_defrag_running',
    'CPU share that active defragmentation aims at; 0 when it does not run.',
  ),
  lazyfree_pending_objects: gauge('lazyfree_pending_objects', 'Objects that wait to be freed.'),
  lazyfreed_objects: gauge('lazyfreed_objects', 'Objects that were freed lazily.'),
})

/** Only with --include-system-metrics. */
export const systemMemory = infoSection('memory', {
  total_system_memory: gauge('total_system_memory_bytes', 'Memory of the host.'),
})
