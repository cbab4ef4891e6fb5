import type { EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import { wanted, type Values } from './parameters.js'
import { countedBytes, type NodeSettings } from './settings.js'

/** Close enough to the limit for a write in the same second to make it evict. */
const NEARLY_FULL = 0.98

/** What a node has once the spec is applied. */
export function afterwards(spec: EvictionPolicySpec, { values }: NodeSettings): Values {
  return { ...values, ...wanted(spec) }
}

/** Bytes by which a node is above the limit that it will have; 0 without a limit. */
export function excessBytes(spec: EvictionPolicySpec, settings: NodeSettings): number {
  const limit = Number(afterwards(spec, settings).maxmemory ?? 0)
  return limit > 0 ? Math.max(0, countedBytes(settings) - limit) : 0
}

/** Whether the change makes a node evict, or lets it, at the moment when it is made: that cannot be undone. */
export function evictsAtOnce(spec: EvictionPolicySpec, settings: NodeSettings): boolean {
  const { values } = settings
  const { maxmemory, 'maxmemory-policy': policy } = afterwards(spec, settings)
  const limit = Number(maxmemory ?? 0)
  if (policy === 'noeviction' || limit === 0) return false
  const changes = maxmemory !== values.maxmemory || policy !== values['maxmemory-policy']
  return changes && countedBytes(settings) > limit * NEARLY_FULL
}

/**
 * About how many keys have to go for so many bytes, by what a key takes on average; no more than the policy may evict.
 * Undefined where the node tells too little.
 */
export function keysOf(
  bytes: number,
  policy: string,
  { keys, expires, datasetBytes }: NodeSettings,
): number | undefined {
  if (keys === 0 || datasetBytes <= 0) return undefined
  const evictable = policy.startsWith('volatile-') ? expires : keys
  return Math.min(evictable, Math.ceil(bytes / (datasetBytes / keys)))
}
