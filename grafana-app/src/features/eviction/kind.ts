import type { EvictionPolicySpec } from '../../api/contract'
import { groupChanges } from '../operations/changes'
import type { ActionKind } from '../operations/kind'
import { counted } from '../operations/text'
import { EvictionForm } from './EvictionForm'
import { sayValue } from './limits'
import { Rewrites } from './Rewrites'

/** Sets policy and limits on every node of a cluster. */
export const evictionPolicy: ActionKind = {
  name: 'eviction-policy',
  noun: 'change of the eviction policy',
  article: 'a',
  looksAt: 'every node of the cluster, primaries and replicas, is asked what it has now.',
  unit: 'nodes',
  paced: false,
  Form: EvictionForm,
  Review: Rewrites,
  say: sayValue,
  action(plan) {
    const values = new Map(groupChanges(plan.changes ?? []).map(({ parameter, to }) => [parameter, to]))
    const [[parameter, to] = ['nothing', '']] = values
    const what = values.size > 1 ? `${values.size} parameters` : `${parameter} to ${sayValue(parameter, to)}`
    return `Set ${what} on ${counted(plan.counts?.nodes ?? 0, 'node')} of ${plan.cluster}`
  },
  dangers: ({ spec }) =>
    (spec as EvictionPolicySpec).allowEviction
      ? ['Keys may be evicted as soon as it is set, and do not come back: eviction at once is allowed']
      : [],
  undoing: () =>
    'Taking it back takes another plan with the old values, which the log keeps. Should a node refuse, all nodes are set back by themselves. Keys that were evicted do not come back.',
  cancelling: 'What was set already is set back on every node.',
  next({ state }) {
    switch (state) {
      case 'succeeded':
        return 'watch the hit ratio and the evictions for a while; a new policy takes time to settle.'
      case 'undone':
        return 'every node has its old values again. Mend what the summary names, then plan again.'
      case 'cancelled':
        return 'every node has its old values again. Plan again when you want it.'
      default:
        return 'bring the nodes that are named back, then make the same plan again: it shows what is left.'
    }
  },
}
