import type { Plan, ShardFit, WarmupSpec } from '../../api/contract'
import { fields, keysByType, list, number, text } from '../operations/details'

export interface WarmupDetails {
  readonly source: string
  /** How values go: `restore` (DUMP and RESTORE) or `typed`. */
  readonly transfer: string
  readonly why: string
  readonly types: readonly (readonly [type: string, keys: number])[]
  readonly shards: readonly ShardFit[]
  readonly file: { readonly path: string; readonly sha256: string } | undefined
}

/** `details` of a warmup's plan. The contract leaves them open, so what is not there reads as nothing. */
export function warmupDetails(plan: Pick<Plan, 'details'>): WarmupDetails {
  const details = fields(plan.details)
  const file = fields(details.file)
  return {
    source: text(fields(details.source).description),
    transfer: text(details.transfer),
    why: text(details.why),
    types: keysByType(details.types),
    shards: list(details.shards).map((shard) => ({
      shard: text(shard.shard),
      node: text(shard.node),
      role: 'primary' as const,
      keys: number(shard.keys),
      bytes: number(shard.bytes),
      usedBytes: number(shard.usedBytes),
      maxBytes: number(shard.maxBytes),
      headroomBytes: number(shard.headroomBytes),
      fits: shard.fits === true,
    })),
    file: details.file === undefined ? undefined : { path: text(file.path), sha256: text(file.sha256) },
  }
}

/** How many keys a run writes. `fewer`: some are in the target already and stay as they are. */
export function newKeys({ counts = {}, spec }: Pick<Plan, 'counts' | 'spec'>) {
  const { keys = 0, existing = 0 } = counts
  const { conflict, limits } = spec as Partial<WarmupSpec>
  if (existing === 0 || conflict === 'replace') return { keys, fewer: false }
  // With a limit `keys` is that, and those that are there count towards it no more than others that are left out.
  return { keys: limits?.keys === undefined ? Math.max(0, keys - existing) : keys, fewer: true }
}
