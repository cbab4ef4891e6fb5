/** Memory, what is thrown away for it, and what is stored. */
import { ofNodes } from './selectors.js'

export { memoryShare, memoryUsed, keys } from './nodes.js'

/** 0 (no limit) is left out. */
export const memoryMax = `max by (instance) (redis_memory_max_bytes{${ofNodes}} > 0)`

/** Of the process over what the allocator holds; high values matter only where much is used. */
export const fragmentation = `max by (instance) (redis_mem_fragmentation_ratio{${ofNodes}})`

export const evicted = `sum by (instance) (rate(redis_evicted_keys_total{${ofNodes}}[$__rate_interval]))`

export const expired = `sum by (instance) (rate(redis_expired_keys_total{${ofNodes}}[$__rate_interval]))`

export const keysExpiring = `sum by (instance) (redis_db_keys_expiring{${ofNodes}})`
