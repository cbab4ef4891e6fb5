/** A value inside the double quotes of a matcher. https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals */
export function escapeLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** `redis_cluster="demo"`, to stand in the braces of a selector. */
export function ofCluster(cluster: string): string {
  return `redis_cluster="${escapeLabelValue(cluster)}"`
}

/**
 * Of the cluster, and only the nodes chosen in the page's variable `instance`. In backticks, since its pattern has
 * backslashes of its own.
 */
export function ofNodes(cluster: string): string {
  return `${ofCluster(cluster)}, instance=~\`\${instance:regex}\``
}

/** As a regular expression that matches just this text. */
export const escapeRegex = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Of the cluster, and only these nodes, by their instances. */
export function ofInstances(cluster: string, instances: readonly string[]): string {
  const pattern = instances.map(escapeRegex).join('|')
  return `${ofCluster(cluster)}, instance=~"${escapeLabelValue(pattern)}"`
}
