import { evictKeysSpec, type EvictKeysSpec } from '../../../contract/kinds/evict-keys.js'
import type { Kind } from '../../kind.js'
import { planEviction } from './plan.js'
import { runEviction, type EvictKeysOptions } from './run.js'

/**
 * Unlinks keys that meet criteria, on every shard at once. A run that goes on after a kill looks again at the keys of
 * the page that was under way on each node: those that were unlinked are gone, the others are judged as they are now.
 * So a piece done twice unlinks nothing that does not meet the criteria; only the counts of that page are lost, and
 * against the caps all that was reserved counts as used. Nothing is undone.
 */
export function evictKeys(options: EvictKeysOptions): Kind<EvictKeysSpec> {
  return {
    name: 'evict-keys',
    scope: 'evict',
    spec: evictKeysSpec,
    yieldsTo: ['eviction-policy', 'failover', 'rebalance'],
    bindsKeys: true,
    plan: (spec, context) => planEviction(spec, context, options),
    run: (spec, context) => runEviction(spec, context, options),
  }
}
