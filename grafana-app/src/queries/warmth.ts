/** How warm clusters are: a value a cluster (label redis_cluster), instant. */
import { clientHitRatio } from './hits'
import { ofCluster } from './selector'

/**
 * A sum over the primaries, only where every node that was scraped lately has a sample now: while scrapes fail some
 * nodes have one and others none, and a sum of half the nodes would look like a cold cluster. Only samples of now: an
 * older one of a primary that has died would count its keys a second time beside those of its successor.
 */
const ofPrimaries = (metric: string, matchers: string) =>
  `sum by (redis_cluster) (${metric}{${matchers}} and on (redis_cluster, instance) redis_instance_info{${matchers}, role="master"}) and on (redis_cluster) (count by (redis_cluster) (redis_up{${matchers}}) >= count by (redis_cluster) (last_over_time(redis_up{${matchers}}[2m])))`
const ofAll = (metric: string) => ofPrimaries(metric, 'redis_cluster!=""')

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
export const keysOver = (cluster: string) => ofPrimaries('redis_db_keys', ofCluster(cluster))
