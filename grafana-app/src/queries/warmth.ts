/** How warm clusters are: a value a cluster (label redis_cluster), instant. */
import { clientHitRatio } from './hits'
import { ofCluster } from './selector'

/**
 * Of the last minute: right after scrapes that failed some nodes have a sample and others none, and a sum of half the
 * nodes would look like a cold cluster.
 */
const recent = (metric: string, matchers: string) => `last_over_time(${metric}{${matchers}}[1m])`
const ofAll = (metric: string) =>
  `sum by (redis_cluster) (${recent(metric, 'redis_cluster!=""')} and on (redis_cluster, instance) ${recent('redis_instance_info', 'redis_cluster!="", role="master"')})`

/** Keys on the primaries. */
export const keys = () => ofAll('redis_db_keys')

/** Bytes in use on the primaries. */
export const used = () => ofAll('redis_memory_used_bytes')

/** Bytes that the primaries may use; 0 where they are unlimited. */
export const limit = () => ofAll('redis_memory_max_bytes')

/** 0..1 of the lookups of the last five minutes; nothing without lookups. */
export const hitRatioNow = () => clientHitRatio('redis_cluster!=""', '5m', ['redis_cluster'])

/** 0..1 of one cluster's lookups, over time. */
export const hitRatioOver = (cluster: string) => clientHitRatio(ofCluster(cluster), '$__rate_interval')

/** Keys on the primaries of one cluster, over time. */
export const keysOver = (cluster: string) =>
  `sum(redis_db_keys{${ofCluster(cluster)}} and on (instance) redis_instance_info{${ofCluster(cluster)}, role="master"})`
