import type { Samples } from '../exposition/families.js'
import { ownFamily } from './table.js'

/** What CONFIG GET says on all nodes of a cluster, compared. */
const drift = ownFamily(
  'gauge',
  'slotwise_cluster_eviction_drift_nodes',
  'Nodes that have another value of a parameter than most nodes of their cluster; 0 when all agree.',
)
const unpersisted = ownFamily(
  'gauge',
  'slotwise_cluster_eviction_unpersisted_nodes',
  'Nodes that would lose a value at a restart, because an operation here set it without persist.',
)

export const evictionFamilies = [drift, unpersisted]

/** By parameter of redis.conf. */
export interface EvictionDrift {
  readonly drifting: ReadonlyMap<string, number>
  readonly unpersisted: ReadonlyMap<string, number>
}

export function collectDrift(facts: EvictionDrift, samples: Samples): void {
  for (const [parameter, nodes] of facts.drifting) samples.add(drift, nodes, [['parameter', parameter]])
  for (const [parameter, nodes] of facts.unpersisted)
    samples.add(unpersisted, nodes, [['parameter', parameter]])
}
