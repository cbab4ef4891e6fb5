import { z } from 'zod'
import { count, size } from './figures.js'
import { renderSample, renderTypes } from './render-keys.js'
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

const HOW: Readonly<Partial<Record<string, string>>> = {
  restore: 'DUMP and RESTORE',
  typed: 'typed writes',
}

/** What a plan of a warmup says besides its counts: source, how each target node takes it, examples. */
export function renderWarmupPlan(given: unknown, sample: readonly unknown[]): string {
  const { success, data } = details.safeParse(given)
  return [...(success ? renderDetails(data) : []), ...renderSample(sample)].join('\n')
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
