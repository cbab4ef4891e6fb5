/** Nodes that Prometheus has heard of in the last five minutes: whether the data source has anything of ours. */
export const nodesKnown = () => 'count(redis_up)'
