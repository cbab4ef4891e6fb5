import { z } from 'zod'
import { rate } from '../operations.js'

export const KEY_TYPES = ['string', 'list', 'set', 'zset', 'hash', 'stream'] as const

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, dashes and underscores, at most 63')

/** Where the keys come from. Only names and paths that the configuration permits. */
const source = z.discriminatedUnion(
  'type',
  [
    z
      .strictObject({ type: z.literal('redis'), name })
      .meta({ description: 'A source of `warmup.sources`: a cluster or a single node.' }),
    z
      .strictObject({ type: z.literal('cluster'), name })
      .meta({ description: 'Another configured cluster; its replicas are read where it has them.' }),
    z
      .strictObject({
        type: z.literal('file'),
        path: z
          .string()
          .min(1)
          .max(500)
          .regex(/^\P{Cc}*$/u, 'no control characters')
          .meta({ description: 'Below `warmup.dir`.' }),
      })
      .meta({ description: 'JSON Lines: a key, its type, value and ttl a line.' }),
  ],
  {
    error:
      'say where the keys come from: {type: cluster, name}, {type: redis, name} of warmup.sources, or {type: file, path}',
  },
)

const select = z.strictObject({
  match: z.string().min(1).max(1000).optional().meta({ description: 'Glob as SCAN MATCH has it.' }),
  prefix: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Keys that start with this, bytewise.' }),
  types: z.array(z.enum(KEY_TYPES)).min(1).max(KEY_TYPES.length).optional(),
  maxBytes: z
    .int()
    .positive()
    .default(16 * 1024 ** 2)
    .meta({ description: 'Larger values are left out and counted.' }),
  minTtlSeconds: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'Keys that expire sooner are left out; those without a TTL stay in.' }),
})

const limits = z.strictObject({
  keys: z.int().positive().optional().meta({ description: 'Ends after so many keys were written.' }),
  bytes: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'Ends after so many bytes of values were written.' }),
  memoryShare: z
    .number()
    .min(0.05)
    .max(0.99)
    .default(0.9)
    .meta({ description: 'Of maxmemory, on every target node: fuller than this it waits.' }),
})

/**
 * What `warmup` copies into a cluster. Keys that are there already stay as they are unless `conflict` says otherwise.
 * Type and TTL are kept.
 */
export const warmupSpec = z.strictObject({
  source,
  select: select.prefault({}),
  rate: rate.prefault({ keysPerSecond: 10_000, bytesPerSecond: 50 * 1024 ** 2 }).meta({
    description: 'Over the whole cluster; what is absent is not limited. Can be changed while it runs.',
  }),
  ttl: z
    .strictObject({
      jitterPercent: z
        .int()
        .min(0)
        .max(50)
        .default(0)
        .meta({ description: 'Spreads TTLs by up to so much, so that they do not end together.' }),
      maxSeconds: z.int().positive().optional().meta({ description: 'Longer TTLs, and none, become this.' }),
    })
    .prefault({}),
  conflict: z
    .enum(['skip', 'replace'])
    .default('skip')
    .meta({ description: 'What a key does that is there already.' }),
  limits: limits.prefault({}),
  verify: z
    .strictObject({ sample: z.int().min(0).max(100_000).default(1000) })
    .prefault({})
    .meta({ description: 'How many keys are compared with the source at the end.' }),
  restore: z.enum(['safe', 'trusted']).default('safe').meta({
    description:
      'safe: DUMP and RESTORE only where no known vulnerability of RESTORE is open; trusted: wherever versions allow.',
  }),
})

export type WarmupSpec = z.output<typeof warmupSpec>
export type KeyType = (typeof KEY_TYPES)[number]

/** What comes to one shard of the target: an entry of `details.shards` in a warmup's plan. */
export interface ShardFit {
  readonly shard: string
  readonly node: string
  readonly role: 'primary'
  readonly keys: number
  readonly bytes: number
  readonly usedBytes: number
  /** 0: unlimited. */
  readonly maxBytes: number
  readonly headroomBytes: number
  readonly fits: boolean
}
