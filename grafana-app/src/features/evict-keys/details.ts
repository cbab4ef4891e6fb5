import type { Estimated, Plan, ShardEviction } from '../../api/contract'

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

type Fields = Readonly<Record<string, unknown>>
const fields = (value: unknown) => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const text = (value: unknown) => (typeof value === 'string' ? value : '')
const number = (value: unknown) => (typeof value === 'number' ? value : 0)
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
    types: Object.entries(fields(details.types))
      .map(([type, keys]) => [type, number(keys)] as const)
      .sort(([, a], [, b]) => b - a),
    shards: (Array.isArray(details.shards) ? details.shards : []).map(fields).map((shard) => ({
      shard: text(shard.shard),
      node: text(shard.node),
      total: number(shard.total),
      looked: number(shard.looked),
      keys: estimated(shard.keys),
      bytes: estimated(shard.bytes),
    })),
  }
}
