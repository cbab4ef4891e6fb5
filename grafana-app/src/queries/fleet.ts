/** All clusters at once, a value each; instant. */

/** Alerts that fire, counted a cluster and severity. */
export const firingAlerts = () =>
  'count by (redis_cluster, severity) (ALERTS{alertstate="firing", redis_cluster!=""})'

/**
 * Seconds since Prometheus last had a sample of the cluster, up to an hour ago. A target that is down leaves no samples,
 * so the age is taken of those before.
 */
export const scrapeAge = () =>
  'time() - max by (redis_cluster) (max_over_time(timestamp(redis_up{redis_cluster!=""})[1h:15s]))'
