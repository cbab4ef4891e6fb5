import type { Samples } from '../exposition/families.js'
import type { ClusterNode, ClusterReading } from '../redis/replies.js'
import { ownFamily } from './table.js'

/** What follows from CLUSTER NODES of several nodes: facts of the cluster that no single INFO tells. */
const nodeInfo = ownFamily(
  'gauge',
  'slotwise_cluster_node_info',
  'A node of a cluster with its role; always 1. Join on redis_cluster and instance.',
)
const forgotten = ownFamily(
  'gauge',
  'slotwise_cluster_node_forgotten',
  'A node that no view knows any more; always 1. It stays listed for an hour.',
)
const slotsCovered = ownFamily(
  'gauge',
  'slotwise_cluster_slots_covered',
  'Slots whose primary has not failed, of 16384; 0 while no node answers.',
)
const shardReplicas = ownFamily(
  'gauge',
  'slotwise_cluster_shard_replicas',
  'Replicas of a shard that have not failed.',
)
const linksDown = ownFamily(
  'gauge',
  'slotwise_cluster_links_down',
  'Views read whose cluster-bus link to the node is down.',
)
const views = ownFamily(
  'gauge',
  'slotwise_cluster_views',
  'Different opinions among the views read: 1 when all agree, 0 when none could be read.',
)
const slotsMigrating = ownFamily(
  'gauge',
  'slotwise_cluster_slots_migrating',
  'Slots on their way from one node to another.',
)
const failovers = ownFamily(
  'counter',
  'slotwise_cluster_failovers_total',
  'Changes of a primary seen since the exporter started.',
)
const lastDiscovery = ownFamily(
  'gauge',
  'slotwise_cluster_last_discovery_timestamp_seconds',
  'When the topology was last read, in seconds since the epoch.',
)
const health = ownFamily(
  'gauge',
  'slotwise_cluster_health',
  '1 when a named check of the cluster passes, 0 when it does not.',
)

export const clusterFamilies = [
  nodeInfo,
  forgotten,
  slotsCovered,
  shardReplicas,
  linksDown,
  views,
  slotsMigrating,
  failovers,
  lastDiscovery,
  health,
]

export function collectTopology(reading: ClusterReading, samples: Samples): void {
  for (const node of reading.nodes) {
    const instance = ['instance', node.instance] as const
    if (node.flags.includes('forgotten')) {
      samples.add(forgotten, 1, [instance])
      continue
    }
    samples.add(nodeInfo, 1, [
      instance,
      ['shard', node.shard],
      ['node_id', node.id],
      ['role', node.role],
      ['primary', node.primaryId],
    ])
    samples.add(linksDown, node.linksDown, [instance])
  }
  for (const [shard, count] of replicasByShard(reading.nodes))
    samples.add(shardReplicas, count, [['shard', shard]])
  samples.add(slotsCovered, reading.slotsCovered)
  samples.add(views, reading.views)
  samples.add(slotsMigrating, reading.slotsMigrating)
  samples.add(failovers, reading.failovers)
  if (reading.at > 0) samples.add(lastDiscovery, reading.at)
}

export function collectHealth(checks: readonly { name: string; ok: boolean }[], samples: Samples): void {
  for (const { name, ok } of checks) samples.add(health, ok ? 1 : 0, [['check', name]])
}

/** Replicas that can take over, for every shard that owns slots. */
export function replicasByShard(nodes: readonly ClusterNode[]): Map<string, number> {
  const serving = nodes.filter((node) => node.role === 'primary' && node.slots.length > 0)
  return new Map(
    serving.map(({ id, shard }) => [
      shard,
      nodes.filter(
        (node) =>
          node.primaryId === id && !node.flags.some((flag) => flag === 'fail' || flag === 'forgotten'),
      ).length,
    ]),
  )
}
