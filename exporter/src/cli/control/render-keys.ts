import { z } from 'zod'
import { count, duration, size } from './figures.js'
import { table } from './table.js'

const sampled = z.array(
  z.object({
    key: z.string(),
    type: z.string(),
    ttlSeconds: z.number().nullable(),
    bytes: z.number(),
  }),
)

/** Keys that a plan shows as examples, as a table; nothing where there are none. */
export function renderSample(sample: readonly unknown[]): string[] {
  const keys = sampled.safeParse(sample).data ?? []
  if (keys.length === 0) return []
  return [
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
}

/** `types: 50,000 string, 10,000 hash`, as a line; none where no type is known. */
export function renderTypes(types: Readonly<Record<string, number>>): string[] {
  const said = Object.entries(types).map(([type, number]) => `${count(number)} ${type}`)
  return said.length > 0 ? [`types: ${said.join(', ')}`] : []
}
