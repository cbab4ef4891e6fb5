import type { Measurement } from '../../contract/operations.js'
import type { Cluster } from '../../redis/cluster.js'
import type { ClusterNode } from '../../redis/replies.js'
import { factsOf, numberIn, type NodeFacts } from './node-facts.js'

/** The primaries of a cluster that serve slots. */
export function primariesOf(cluster: Cluster): ClusterNode[] {
  return cluster.members
    .map(({ node }) => node)
    .filter(({ role, slots, flags }) => role === 'primary' && slots.length > 0 && !flags.includes('fail'))
}

/** What each of them is and has, as a new look at the cluster finds them. @throws NodeError one does not answer */
export async function factsOfPrimaries(cluster: Cluster, clientName: string): Promise<NodeFacts[]> {
  await cluster.refresh()
  return Promise.all(primariesOf(cluster).map((node) => factsOf(cluster, node, clientName)))
}

/** The figures of all primaries together. */
export function measure(primaries: readonly NodeFacts[]): Measurement {
  const sum = (field: string) => primaries.reduce((total, facts) => total + numberIn(facts, field), 0)
  return {
    keys: primaries.reduce((total, { keys }) => total + keys, 0),
    usedMemoryBytes: sum('used_memory'),
    evictedKeys: sum('evicted_keys'),
    keyspaceHits: sum('keyspace_hits'),
    keyspaceMisses: sum('keyspace_misses'),
  }
}
