import { z } from 'zod'
import { count, duration, size } from './figures.js'
import { renderTypes } from './types.js'
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

const sampled = z.object({
  key: z.string(),
  type: z.string(),
  ttlSeconds: z.number().nullable(),
  bytes: z.number(),
})

/** What a plan of evict-keys says besides its counts: what goes from each shard, how sure that is, examples. */
export function renderEvictKeysPlan(given: unknown, sample: readonly unknown[]): string {
  const { success, data } = details.safeParse(given)
  const keys = z.array(sampled).safeParse(sample).data ?? []
  return [
    ...(success ? renderDetails(data) : []),
    ...(keys.length > 0
      ? [
          table(
            ['sample', 'type', 'ttl', 'size'],
            keys.map(({ key, type, ttlSeconds, bytes }) => [
              key,
              type,
              ttlSeconds === null ? 'none' : duration(ttlSeconds),
              size(bytes),
            ]),
          ),
        ]
      : []),
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
