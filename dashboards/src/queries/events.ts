/** What happened, as marks on every graph. A query that gives nothing means that nothing happened. */
import { ofCluster } from './selectors.js'

export const failovers = `max by (redis_cluster) (increase(slotwise_cluster_failovers_total{${ofCluster}}[1m])) > 0`

/** A failover raises the epoch, and so do slots that move. */
export const epochChanges = `max by (redis_cluster) (changes(redis_cluster_current_epoch{${ofCluster}}[1m])) > 0`

export const restarts = `max by (instance) (resets(redis_uptime_in_seconds{${ofCluster}}[1m])) > 0`
