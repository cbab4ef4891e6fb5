import { z } from 'zod'

export const POLICIES = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'allkeys-lrm',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'volatile-lrm',
] as const

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1024,
  m: 1e6,
  mb: 1024 ** 2,
  g: 1e9,
  gb: 1024 ** 3,
}

/** Bytes, or text as redis.conf has it: `512mb`, `2gb`, `0` for no limit. */
const bytes = z
  .union([
    z.int().nonnegative(),
    z.string().regex(/^\d+(b|k|kb|m|mb|g|gb)?$/i, 'bytes, or a number with kb, mb or gb'),
  ])
  .transform((value) => {
    if (typeof value === 'number') return value
    const [, number, unit] = /^(\d+)([a-z]*)$/i.exec(value)!
    return Number(number) * UNITS[unit!.toLowerCase()]!
  })
  .pipe(z.int().nonnegative())

/** What `eviction-policy` sets on every node of a cluster, primaries and replicas. What is absent stays as it is. */
export const evictionPolicySpec = z
  .strictObject({
    maxmemory: bytes.optional().meta({ description: 'Limit a node, in bytes or as 512mb; 0: none.' }),
    policy: z.enum(POLICIES).optional().meta({ description: 'maxmemory-policy.' }),
    samples: z.int().min(1).max(64).optional().meta({ description: 'maxmemory-samples.' }),
    persist: z
      .boolean()
      .default(false)
      .meta({ description: 'CONFIG REWRITE afterwards; the plan lists what that writes.' }),
    allowEviction: z
      .boolean()
      .default(false)
      .meta({ description: 'Permit a maxmemory below what is in use.' }),
  })
  .refine(
    ({ maxmemory, policy, samples }) =>
      maxmemory !== undefined || policy !== undefined || samples !== undefined,
    {
      error: 'nothing to set; give maxmemory, policy or samples',
    },
  )

export type EvictionPolicySpec = z.output<typeof evictionPolicySpec>
