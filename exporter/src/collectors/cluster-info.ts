import type { Family, Samples } from '../exposition/families.js'
import { gauge, infoSection, numberOf } from './table.js'

/** CLUSTER INFO. What is not named here but starts with `cluster_` passes through under its own name. */
export const clusterInfo = infoSection('CLUSTER INFO', {
  cluster_state: gauge('cluster_state', '1 when the node says that the cluster is ok.'),
  cluster_slots_assigned: gauge('cluster_slots_assigned', 'Slots that have an owner.'),
  cluster_slots_ok: gauge('cluster_slots_ok', 'Slots whose owner is well.'),
  cluster_slots_pfail: gauge('cluster_slots_pfail', 'Slots whose owner this node suspects.'),
  cluster_slots_fail: gauge('cluster_slots_fail', 'Slots whose owner has failed.'),
  cluster_known_nodes: gauge('cluster_known_nodes', 'Nodes that this node knows, failed ones too.'),
  cluster_size: gauge('cluster_size', 'Primaries that serve at least one slot.'),
  cluster_current_epoch: gauge('cluster_current_epoch', 'The current epoch of the cluster.'),
  cluster_my_epoch: gauge('cluster_my_epoch', 'The configuration epoch of the node.'),
  cluster_stats_messages_sent: gauge('cluster_messages_sent_total', 'Messages sent over the cluster bus.'),
  cluster_stats_messages_received: gauge(
    'cluster_messages_received_total',
    'Messages received over the cluster bus.',
  ),
})

const rules = new Map(Object.entries(clusterInfo.fields))
const passed = new Map<string, Family>()

/** The family of a field that has no row: `cluster_stats_messages_auth-req_sent` -> `cluster_stats_messages_auth_req_sent`. */
export function passThrough(field: string): Family {
  let family = passed.get(field)
  if (!family) {
    family = {
      name: field.replace(/[^a-zA-Z0-9_]/g, '_'),
      type: 'gauge',
      help: `${field} of CLUSTER INFO or INFO.`,
    }
    passed.set(field, family)
  }
  return family
}

export function collectClusterInfo(field: string, text: string, samples: Samples): void {
  const value = numberOf(text)
  if (value === undefined) return
  const rule = rules.get(field)
  if (rule) samples.add(rule.family, value)
  else if (field.startsWith('cluster_')) samples.add(passThrough(field), value)
}
