import type { ClusterNode, ClusterReading, NodeReading } from '../../redis/replies.js'

/** One named judgement of a cluster with what it rests on. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was seen, for people. */
  readonly evidence: string
  /** What to do; empty when ok. */
  readonly todo: string
}

export const SLOTS = 16384

/**
 * Judges a cluster by its topology and by the last readings of its nodes (by instance; a node that was not read yet
 * counts as reachable).
 */
export function judge(
  cluster: ClusterReading,
  readings: ReadonlyMap<string, NodeReading | undefined>,
): Check[] {
  const nodes = cluster.nodes.filter((node) => !node.flags.includes('forgotten'))
  const failing = nodes.filter((node) => node.flags.some((flag) => flag === 'fail' || flag === 'fail?'))
  const silent = nodes.filter((node) => readings.get(node.instance)?.error !== undefined)
  const alone = nodes.filter(
    (node) => node.role === 'primary' && node.slots.length > 0 && !hasReplica(node, nodes),
  )
  const unlinked = nodes.filter(
    (node) => readings.get(node.instance)?.info?.get('master_link_status') === 'down',
  )
  const busDown = nodes.filter((node) => node.linksDown > 0)
  return [
    check(
      'nodes_reachable',
      silent.length === 0,
      `${nodes.length - silent.length} of ${nodes.length} nodes answer${naming(silent)}`,
      'see why each node does not answer; start or replace it',
    ),
    check(
      'slots_covered',
      cluster.slotsCovered === SLOTS,
      `${cluster.slotsCovered} of ${SLOTS} slots are served`,
      'bring back the failed primary or its replica (CLUSTER FAILOVER TAKEOVER as a last resort)',
    ),
    check(
      'views_agree',
      cluster.views === 1,
      viewsEvidence(cluster),
      'look for a network partition between the nodes',
    ),
    check(
      'primaries_have_replicas',
      alone.length === 0,
      alone.length === 0 ? 'every primary has a replica that is well' : `without a replica${naming(alone)}`,
      'add a replica (redis-cli --cluster add-node --cluster-slave) or bring it back',
    ),
    check(
      'links_up',
      unlinked.length + busDown.length === 0,
      linksEvidence(unlinked, busDown),
      'check the network between the nodes, and masterauth on the replica',
    ),
    check(
      'no_node_failing',
      failing.length === 0,
      failing.length === 0 ? 'no node is flagged fail or fail?' : `flagged${naming(failing, true)}`,
      'start the node again, or CLUSTER FORGET it on every node',
    ),
  ]
}

function check(name: string, ok: boolean, evidence: string, todo: string): Check {
  return { name, ok, evidence, todo: ok ? '' : todo }
}

function hasReplica(primary: ClusterNode, nodes: readonly ClusterNode[]): boolean {
  return nodes.some((node) => node.primaryId === primary.id && !node.flags.includes('fail'))
}

function viewsEvidence({ views, viewsRead }: ClusterReading): string {
  if (viewsRead === 0) return 'no node could be asked for its view'
  return views === 1
    ? `${viewsRead} views read, all agree`
    : `${viewsRead} views read hold ${views} different opinions`
}

function linksEvidence(unlinked: readonly ClusterNode[], busDown: readonly ClusterNode[]): string {
  const parts = [
    ...(unlinked.length > 0 ? [`replication link down${naming(unlinked)}`] : []),
    ...(busDown.length > 0 ? [`cluster bus link down${naming(busDown)}`] : []),
  ]
  return parts.length > 0 ? parts.join('; ') : 'all links are up'
}

function naming(nodes: readonly ClusterNode[], withFlags = false): string {
  if (nodes.length === 0) return ''
  return `: ${nodes.map(({ instance, flags }) => (withFlags ? `${instance} (${flags.join(',')})` : instance)).join(', ')}`
}
