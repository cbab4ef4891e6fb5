import type { Plan, ShardFit } from '../../api/contract'
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
