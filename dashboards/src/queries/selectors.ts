/** Matchers by the dashboard's variables. */

/** Everything of the cluster. */
export const ofCluster = 'redis_cluster="$redis_cluster"'
/** The chosen nodes of the cluster. */
export const ofNodes = `${ofCluster}, instance=~"$instance"`
