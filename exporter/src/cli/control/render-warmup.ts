import { z } from 'zod'
import { count, duration, size } from './figures.js'
import { renderTypes } from './types.js'
import { table } from './table.js'

const details = z.object({
  source: z.object({ description: z.string() }),
  transfer: z.string(),
  why: z.string(),
  types: z.record(z.string(), z.number()),
  shards: z.array(
    z.object({
      shard: z.string(),
      node: z.string(),
      keys: z.number(),
      bytes: z.number(),
      usedBytes: z.number(),
      maxBytes: z.number(),
      fits: z.boolean(),
    }),
  ),
})

const sampled = z.object({
  key: z.string(),
  type: z.string(),
  ttlSeconds: z.number().nullable(),
  bytes: z.number(),
})

const HOW: Readonly<Partial<Record<string, string>>> = {
  restore: 'DUMP and RESTORE',
  typed: 'typed writes',
}

/** What a plan of a warmup says besides its counts: source, how each target node takes it, examples. */
export function renderWarmupPlan(given: unknown, sample: readonly unknown[]): string {
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
  ].join('\n')
}

function renderDetails({ source, transfer, why, types, shards }: z.output<typeof details>): string[] {
  return [
    `from ${source.description}, by ${HOW[transfer] ?? transfer}: ${why}`,
    ...renderTypes(types),
    table(
      ['shard', 'node', 'keys', 'adds', 'uses', 'of', 'fits'],
      shards.map(({ shard, node, keys, bytes, usedBytes, maxBytes, fits }) => [
        shard.slice(0, 8),
        node,
        count(keys),
        size(bytes),
        size(usedBytes),
        maxBytes === 0 ? 'no limit' : size(maxBytes),
        fits ? 'yes' : 'NO',
      ]),
    ),
  ]
}
