import type { Estimated, Plan, ShardEviction } from '../../api/contract'
import { fields, keysByType, list, number, text } from '../operations/details'

export interface EvictKeysDetails {
  /** Whether every key was looked at. */
  readonly exact: boolean
  readonly keys: Estimated
  readonly bytes: Estimated
  /** Of the keys of the cluster; 0 to 1. */
  readonly share: number
  readonly types: readonly (readonly [type: string, keys: number])[]
  readonly shards: readonly ShardEviction[]
}

function estimated(value: unknown): Estimated {
  const { value: middle, low, high } = fields(value)
  return { value: number(middle), low: number(low), high: number(high) }
}

/** `details` of a plan of evict-keys. The contract leaves them open, so what is not there reads as nothing. */
export function evictKeysDetails(plan: Pick<Plan, 'details'>): EvictKeysDetails {
  const details = fields(plan.details)
  return {
    exact: details.exact === true,
    keys: estimated(details.keys),
    bytes: estimated(details.bytes),
    share: number(details.share),
    types: keysByType(details.types),
    shards: list(details.shards).map((shard) => ({
      shard: text(shard.shard),
      node: text(shard.node),
      total: number(shard.total),
      looked: number(shard.looked),
      keys: estimated(shard.keys),
      bytes: estimated(shard.bytes),
    })),
  }
}
