import { z } from 'zod'
import { count, size } from './figures.js'
import { renderSample, renderTypes } from './render-keys.js'
import { table } from './table.js'

const estimated = z.object({ value: z.number(), low: z.number(), high: z.number() })
const details = z.object({
  exact: z.boolean(),
  share: z.number(),
  keys: estimated,
  bytes: estimated,
  types: z.record(z.string(), z.number()),
  shards: z.array(
    z.object({
      shard: z.string(),
      node: z.string(),
      total: z.number(),
      looked: z.number(),
      keys: estimated,
      bytes: estimated,
    }),
  ),
})

/** What a plan of evict-keys says besides its counts: what goes from each shard, how sure that is, examples. */
export function renderEvictKeysPlan(given: unknown, sample: readonly unknown[]): string {
  const { success, data } = details.safeParse(given)
  return [
    ...(success ? renderDetails(data) : []),
    ...renderSample(sample),
    'there is no undo: what is unlinked is gone',
  ].join('\n')
}

function renderDetails({ exact, share, keys, bytes, types, shards }: z.output<typeof details>): string[] {
  const between = ({ low, high }: z.output<typeof estimated>, tell: (number: number) => string) =>
    exact ? '' : ` (${tell(low)} to ${tell(high)})`
  return [
    `${exact ? '' : 'about '}${count(keys.value)} keys match${between(keys, count)}, ${size(bytes.value)}${between(bytes, size)}: ${(share * 100).toFixed(1)} % of all keys go`,
    ...renderTypes(types),
    table(
      ['shard', 'node', 'keys', '95 %', 'size', 'of', 'looked at'],
      shards.map((shard) => [
        shard.shard.slice(0, 8),
        shard.node,
        count(shard.keys.value),
        shard.keys.low === shard.keys.high ? 'exact' : `${count(shard.keys.low)} - ${count(shard.keys.high)}`,
        size(shard.bytes.value),
        count(shard.total),
        count(shard.looked),
      ]),
    ),
  ]
}
