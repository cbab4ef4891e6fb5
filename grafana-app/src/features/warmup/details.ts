import type { Plan, ShardFit } from '../../api/contract'

export interface WarmupDetails {
  readonly source: string
  /** How values go: `restore` (DUMP and RESTORE) or `typed`. */
  readonly transfer: string
  readonly why: string
  readonly types: readonly (readonly [type: string, keys: number])[]
  readonly shards: readonly ShardFit[]
  readonly file: { readonly path: string; readonly sha256: string } | undefined
}

type Fields = Readonly<Record<string, unknown>>
const fields = (value: unknown) => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const text = (value: unknown) => (typeof value === 'string' ? value : '')
const number = (value: unknown) => (typeof value === 'number' ? value : 0)

/** `details` of a warmup's plan. The contract leaves them open, so what is not there reads as nothing. */
export function warmupDetails(plan: Pick<Plan, 'details'>): WarmupDetails {
  const details = fields(plan.details)
  const file = fields(details.file)
  return {
    source: text(fields(details.source).description),
    transfer: text(details.transfer),
    why: text(details.why),
    types: Object.entries(fields(details.types))
      .map(([type, keys]) => [type, number(keys)] as const)
      .sort(([, a], [, b]) => b - a),
    shards: (Array.isArray(details.shards) ? details.shards : []).map(fields).map((shard) => ({
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
