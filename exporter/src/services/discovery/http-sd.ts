import { urlOf, parseEndpoint } from '../../redis/endpoint.js'
import type { Cluster } from '../../redis/cluster.js'

/** https://prometheus.io/docs/prometheus/latest/http_sd/ */
export interface TargetGroup {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

export interface SdOptions {
  /** host:port under which Prometheus reaches this exporter. */
  readonly exporter: string
  readonly clusterLabel: string
}

/**
 * The whole fleet as targets that need no relabelling: each node through this exporter's /scrape, failed nodes too,
 * what stands for clusters that could never be read, and one target for /metrics/fleet.
 */
export function targetGroups(
  clusters: readonly Cluster[],
  { exporter, clusterLabel }: SdOptions,
): TargetGroup[] {
  const nodes = clusters.flatMap(({ name, members, silent, tls }) => {
    const unread = silent.map((node) => ({ ...node, instance: node.address, flags: ['unread'] }))
    return [...members.map(({ node }) => node), ...unread].map((node) => ({
      targets: [exporter],
      labels: {
        __metrics_path__: '/scrape',
        __param_target: urlAt(node.address, tls),
        instance: node.instance,
        [clusterLabel]: name,
        shard: node.shard,
        __meta_slotwise_kind: 'node',
        __meta_slotwise_role: node.role,
        __meta_slotwise_node_id: node.id,
        __meta_slotwise_address: node.address,
        __meta_slotwise_flags: node.flags.join(','),
      },
    }))
  })
  const fleet = {
    targets: [exporter],
    labels: { __metrics_path__: '/metrics/fleet', __meta_slotwise_kind: 'fleet' },
  }
  return [...nodes, fleet]
}

/** redis_exporter's /discover-cluster-nodes: one group with the URLs of all nodes. */
export function clusterNodeGroup(clusters: readonly Cluster[]): TargetGroup[] {
  const targets = clusters.flatMap(({ members, silent, tls }) =>
    [...members.map(({ node }) => node), ...silent].map(({ address }) => urlAt(address, tls)),
  )
  return [{ targets, labels: {} }]
}

/** @param address `host:port`, or the path of a socket */
function urlAt(address: string, tls: boolean): string {
  return address.startsWith('/') ? `unix://${address}` : urlOf({ ...parseEndpoint(address), tls })
}
