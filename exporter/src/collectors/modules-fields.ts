import { counter, gauge, type FieldRule } from './table.js'

/** Fields that the modules Bloom, JSON and Search add to INFO, of Redis and of Valkey. Bytes, milliseconds or counts, as their names say. */
export const moduleFields: Readonly<Record<string, FieldRule>> = {
  bf_bloom_capacity_across_objects: gauge(
    'bf_bloom_capacity_across_objects',
    'Bloom filters: capacity across objects.',
  ),
  bf_bloom_defrag_hits: counter('bf_bloom_defrag_hits_total', 'Bloom filters: defrag hits.'),
  bf_bloom_defrag_misses: counter('bf_bloom_defrag_misses_total', 'Bloom filters: defrag misses.'),
  bf_bloom_num_filters_across_objects: gauge(
    'bf_bloom_num_filters_across_objects',
    'Bloom filters: number of filters across objects.',
  ),
  bf_bloom_num_items_across_objects: gauge(
    'bf_bloom_num_items_across_objects',
    'Bloom filters: number of items across objects.',
  ),
  bf_bloom_num_objects: gauge('bf_bloom_num_objects', 'Bloom filters: number of objects.'),
  bf_bloom_total_memory_bytes: gauge('bf_bloom_total_memory_bytes', 'Bloom filters: total memory bytes.'),
  json_num_documents: gauge('json_num_documents', 'JSON: number of documents.'),
  json_total_memory_bytes: gauge('json_total_memory_bytes', 'JSON: total memory bytes.'),
  search_bytes_collected: gauge('search_collected_bytes', 'Search: bytes collected.'),
  search_dialect_1: gauge('search_dialect_1', 'Search: dialect 1.'),
  search_dialect_2: gauge('search_dialect_2', 'Search: dialect 2.'),
  search_dialect_3: gauge('search_dialect_3', 'Search: dialect 3.'),
  search_dialect_4: gauge('search_dialect_4', 'Search: dialect 4.'),
  search_errors_indexing_failures: gauge(
    'search_errors_indexing_failures',
    'Search: errors indexing failures.',
  ),
  search_failure_requests_count: counter('search_failure_requests_count', 'Search: failure requests count.'),
  search_gc_bytes_collected: gauge(
    'search_gc_collected_bytes',
    'Search: garbage collection bytes collected.',
  ),
  search_gc_marked_deleted_vectors: gauge(
    'search_gc_marked_deleted_vectors',
    'Search: garbage collection marked deleted vectors.',
  ),
  search_gc_total_cycles: counter('search_gc_cycles_total', 'Search: garbage collection total cycles.'),
  search_gc_total_docs_not_collected: gauge(
    'search_gc_total_docs_not_collected',
    'Search: garbage collection total docs not collected.',
  ),
  search_gc_total_ms_run: counter(
    'search_gc_run_ms_total',
    'Search: garbage collection total milliseconds run.',
  ),
  search_global_idle: gauge('search_global_idle', 'Search: global idle.'),
  search_global_idle_internal: gauge('search_global_idle_internal', 'Search: global idle internal.'),
  search_global_idle_user: gauge('search_global_idle_user', 'Search: global idle user.'),
  search_global_total: gauge('search_global_total', 'Search: global total.'),
  search_global_total_internal: gauge('search_global_total_internal', 'Search: global total internal.'),
  search_global_total_user: gauge('search_global_total_user', 'Search: global total user.'),
  search_hnsw_add_exceptions_count: counter(
    'search_hnsw_add_exceptions_count',
    'Search: HNSW add exceptions count.',
  ),
  search_hnsw_create_exceptions_count: counter(
    'search_hnsw_create_exceptions_count',
    'Search: HNSW create exceptions count.',
  ),
  search_hnsw_modify_exceptions_count: counter(
    'search_hnsw_modify_exceptions_count',
    'Search: HNSW modify exceptions count.',
  ),
  search_hnsw_remove_exceptions_count: counter(
    'search_hnsw_remove_exceptions_count',
    'Search: HNSW remove exceptions count.',
  ),
  search_hnsw_search_exceptions_count: counter(
    'search_hnsw_search_exceptions_count',
    'Search: HNSW search exceptions count.',
  ),
  search_hybrid_requests_count: counter('search_hybrid_requests_count', 'Search: hybrid requests count.'),
  search_inline_filtering_requests_count: counter(
    'search_inline_filtering_requests_count',
    'Search: inline filtering requests count.',
  ),
  search_largest_memory_index: gauge('search_largest_memory_index_bytes', 'Search: largest memory index.'),
  search_number_of_active_indexes: gauge(
    'search_number_of_active_indexes',
    'Search: number of active indexes.',
  ),
  search_number_of_active_indexes_indexing: gauge(
    'search_number_of_active_indexes_indexing',
    'Search: number of active indexes indexing.',
  ),
  search_number_of_active_indexes_running_queries: gauge(
    'search_number_of_active_indexes_running_queries',
    'Search: number of active indexes running queries.',
  ),
  search_number_of_attributes: gauge('search_number_of_attributes', 'Search: number of attributes.'),
  search_number_of_indexes: gauge('search_number_of_indexes', 'Search: number of indexes.'),
  search_query_queue_size: gauge('search_query_queue_size', 'Search: query queue size.'),
  search_rdb_load_failure_cnt: counter('search_rdb_load_failure_count', 'Search: RDB load failure count.'),
  search_rdb_load_success_cnt: counter('search_rdb_load_success_count', 'Search: RDB load success count.'),
  search_rdb_save_failure_cnt: counter('search_rdb_save_failure_count', 'Search: RDB save failure count.'),
  search_rdb_save_success_cnt: counter('search_rdb_save_success_count', 'Search: RDB save success count.'),
  search_reader_resumed_cnt: counter('search_reader_resumed_count', 'Search: reader resumed count.'),
  search_smallest_memory_index: gauge('search_smallest_memory_index_bytes', 'Search: smallest memory index.'),
  search_string_interning_store_size: gauge(
    'search_string_interning_store_size',
    'Search: string interning store size.',
  ),
  search_successful_requests_count: counter(
    'search_successful_requests_count',
    'Search: successful requests count.',
  ),
  search_total_active_queries: counter('search_active_queries_total', 'Search: total active queries.'),
  search_total_active_write_threads: gauge(
    'search_total_active_write_threads',
    'Search: total active write threads.',
  ),
  search_total_cycles: counter('search_cycles_total', 'Search: total cycles.'),
  search_total_indexed_documents: gauge('search_total_indexed_documents', 'Search: total indexed documents.'),
  search_total_indexing_time: counter('search_indexing_time_ms_total', 'Search: total indexing time.'),
  search_total_ms_run: counter('search_run_ms_total', 'Search: total milliseconds run.'),
  search_total_num_docs_in_indexes: gauge(
    'search_total_num_docs_in_indexes',
    'Search: total number of docs in indexes.',
  ),
  search_total_queries_processed: counter(
    'search_queries_processed_total',
    'Search: total queries processed.',
  ),
  search_total_query_commands: counter('search_query_commands_total', 'Search: total query commands.'),
  search_total_query_execution_time_ms: counter(
    'search_query_execution_time_ms_total',
    'Search: total query execution time milliseconds.',
  ),
  search_used_memory_bytes: gauge('search_used_memory_bytes', 'Search: used memory bytes.'),
  search_used_memory_indexes: gauge('search_used_memory_indexes_bytes', 'Search: used memory indexes.'),
  search_used_memory_vector_index: gauge(
    'search_used_memory_vector_index_bytes',
    'Search: used memory vector index.',
  ),
  search_vector_externing_deferred_entry_cnt: counter(
    'search_vector_externing_deferred_entry_count',
    'Search: vector externing deferred entry count.',
  ),
  search_vector_externing_entry_count: counter(
    'search_vector_externing_entry_count',
    'Search: vector externing entry count.',
  ),
  search_vector_externing_generated_value_cnt: counter(
    'search_vector_externing_generated_value_count',
    'Search: vector externing generated value count.',
  ),
  search_vector_externing_hash_extern_errors: gauge(
    'search_vector_externing_hash_extern_errors',
    'Search: vector externing hash extern errors.',
  ),
  search_vector_externing_lru_promote_cnt: counter(
    'search_vector_externing_lru_promote_count',
    'Search: vector externing LRU promote count.',
  ),
  search_vector_externing_num_lru_entries: gauge(
    'search_vector_externing_num_lru_entries',
    'Search: vector externing number of LRU entries.',
  ),
  search_worker_pool_suspend_cnt: counter(
    'search_worker_pool_suspend_count',
    'Search: worker pool suspend count.',
  ),
  search_writer_queue_size: gauge('search_writer_queue_size', 'Search: writer queue size.'),
  search_writer_resumed_cnt: counter('search_writer_resumed_count', 'Search: writer resumed count.'),
  search_writer_suspension_expired_cnt: counter(
    'search_writer_suspension_expired_count',
    'Search: writer suspension expired count.',
  ),
}
