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

/** By instance; a node that was not read lately is absent or undefined, and counts as well. */
export type Readings = ReadonlyMap<string, NodeReading | undefined>

export const SLOTS = 16384
/** Replication stream that a replica may be behind its primary; bytes. */
const MOST_LAG_BYTES = 64 * 1024 * 1024
/** Of maxmemory, above which a node that may not evict is close to refusing writes. */
const MOST_MEMORY = 0.9

/** By instance, what counts the keys that a node has evicted since it started. */
export type Evictions = ReadonlyMap<string, number>

export function evictionsOf(readings: Readings): Evictions {
  const evicted = new Map<string, number>()
  for (const [instance, reading] of readings) {
    const keys = reading?.info?.get('evicted_keys')
    if (keys !== undefined) evicted.set(instance, Number(keys))
  }
  return evicted
}

/**
 * Judges a cluster by its topology and by the last readings of its nodes.
 * @param before evictions of a while ago: only their difference tells whether a node evicts
 */
export function judge(cluster: ClusterReading, readings: Readings, before: Evictions = new Map()): Check[] {
  const nodes = cluster.nodes.filter((node) => !node.flags.includes('forgotten'))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const field = (node: ClusterNode, name: string) => readings.get(node.instance)?.info?.get(name)
  const number = (node: ClusterNode, name: string) => Number(field(node, name) ?? Number.NaN)
  const withReplica = new Set(
    nodes.filter(({ flags }) => !flags.includes('fail')).map(({ primaryId }) => primaryId),
  )

  const failing = nodes.filter((node) => node.flags.some((flag) => flag === 'fail' || flag === 'fail?'))
  const silent = nodes.filter((node) => readings.get(node.instance)?.error !== undefined)
  const alone = nodes.filter(
    (node) => node.role === 'primary' && node.slots.length > 0 && !withReplica.has(node.id),
  )
  const unlinked = nodes.filter((node) => field(node, 'master_link_status') === 'down')
  const busDown = nodes.filter((node) => node.linksDown > 0)
  const lag = (node: ClusterNode) => {
    const primary = byId.get(node.primaryId)
    return primary ? number(primary, 'master_repl_offset') - number(node, 'slave_repl_offset') : 0
  }
  const late = nodes.filter((node) => lag(node) > MOST_LAG_BYTES)
  const full = nodes.filter((node) => {
    const limit = number(node, 'maxmemory')
    return (
      limit > 0 &&
      field(node, 'maxmemory_policy') === 'noeviction' &&
      number(node, 'used_memory') > limit * MOST_MEMORY
    )
  })
  const evicted = evictionsOf(readings)
  const evicting = nodes.filter(
    ({ instance }) => (evicted.get(instance) ?? 0) > (before.get(instance) ?? Infinity),
  )
  const distinct = (name: string) => [...new Set(nodes.flatMap((node) => field(node, name) ?? []))]
  const versions =
    distinct('valkey_version').length > 0 ? distinct('valkey_version') : distinct('redis_version')
  const differing = ['maxmemory', 'maxmemory_policy'].filter((name) => distinct(name).length > 1)

  return [
    check(
      'nodes_reachable',
      silent.length === 0 && nodes.length > 0,
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
      'replicas_keep_up',
      late.length === 0,
      late.length === 0
        ? 'every replica is close to its primary'
        : `far behind: ${late.map((node) => `${node.instance} (${lag(node)} bytes)`).join(', ')}`,
      'look at the network and at the load of the replica; raise repl-backlog-size',
    ),
    check(
      'no_node_failing',
      failing.length === 0,
      failing.length === 0 ? 'no node is flagged fail or fail?' : `flagged${naming(failing, true)}`,
      'start the node again, or CLUSTER FORGET it on every node',
    ),
    check(
      'memory_headroom',
      full.length === 0,
      full.length === 0
        ? 'no node that may not evict is close to maxmemory'
        : `close to maxmemory with noeviction${naming(full)}`,
      'raise maxmemory, choose an evicting policy, or delete keys (slotwise plan eviction-policy)',
    ),
    check(
      'no_evictions',
      evicting.length === 0,
      evicting.length === 0 ? 'no node evicts' : `evicting${naming(evicting)}`,
      'fine for a cache; else raise maxmemory or add shards',
    ),
    check(
      'no_migrations',
      cluster.slotsMigrating === 0,
      `${cluster.slotsMigrating} slots are on their way`,
      'if nobody is resharding, finish it (redis-cli --cluster fix)',
    ),
    check(
      'same_version',
      versions.length <= 1,
      versions.length === 0 ? 'not read yet' : `versions: ${versions.join(', ')}`,
      'finish the upgrade',
    ),
    check(
      'same_configuration',
      differing.length === 0,
      differing.length === 0
        ? 'maxmemory and its policy are the same everywhere'
        : differing.map((name) => `${name}: ${distinct(name).join(', ')}`).join('; '),
      'set them alike (slotwise plan eviction-policy): a failover would change the behaviour',
    ),
  ]
}

/** Checks whose failure is worth knowing but no fault: a verdict does not rest on them. */
export const ADVISORY: ReadonlySet<string> = new Set([
  'no_evictions',
  'no_migrations',
  'same_version',
  'same_configuration',
])

export function isHealthy(checks: readonly Check[]): boolean {
  return checks.every(({ name, ok }) => ok || ADVISORY.has(name))
}

function check(name: string, ok: boolean, evidence: string, todo: string): Check {
  return { name, ok, evidence, todo: ok ? '' : todo }
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
