/** How warm clusters are: a value a cluster (label redis_cluster), instant. */
import { ofCluster } from './selector'

const PRIMARIES = 'and on (redis_cluster, instance) redis_instance_info{role="master"}'
const hits = 'sum by (redis_cluster) (rate(redis_keyspace_hits_total{redis_cluster!=""}[5m]))'
const misses = 'sum by (redis_cluster) (rate(redis_keyspace_misses_total{redis_cluster!=""}[5m]))'

/** Keys on the primaries. */
export const keys = () => `sum by (redis_cluster) (redis_db_keys{redis_cluster!=""} ${PRIMARIES})`

/** Bytes in use on the primaries. */
export const used = () => `sum by (redis_cluster) (redis_memory_used_bytes{redis_cluster!=""} ${PRIMARIES})`

/** Bytes that the primaries may use; 0 where they are unlimited. */
export const limit = () => `sum by (redis_cluster) (redis_memory_max_bytes{redis_cluster!=""} ${PRIMARIES})`

/** 0..1 of the lookups of the last five minutes; nothing without lookups. */
export const hitRatioNow = () => `${hits} / (${hits} + ${misses} > 0)`

/** 0..1 of one cluster's lookups, over time. */
export function hitRatioOver(cluster: string): string {
  const sum = (what: string) =>
    `sum(rate(redis_keyspace_${what}_total{${ofCluster(cluster)}}[$__rate_interval]))`
  return `${sum('hits')} / (${sum('hits')} + ${sum('misses')} > 0)`
}

/** Keys on the primaries of one cluster, over time. */
export const keysOver = (cluster: string) => `sum(redis_db_keys{${ofCluster(cluster)}} ${PRIMARIES})`
