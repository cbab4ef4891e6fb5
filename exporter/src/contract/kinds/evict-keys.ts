import { z } from 'zod'
import { rate } from '../operations.js'
import { KEY_TYPES } from './warmup.js'

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const BYTES: Readonly<Record<string, number>> = { '': 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** Seconds, or text as `90s`, `15m`, `36h`, `30d`. */
const seconds = z
  .union([z.int().positive(), z.string().regex(/^\d{1,9}[smhd]$/, 'seconds, or a number with s, m, h or d')])
  .transform((value) =>
    typeof value === 'number' ? value : Number(value.slice(0, -1)) * SECONDS[value.at(-1)!]!,
  )
  .pipe(z.int().positive().max(1e9))

/** Bytes, or text as `64kb`, `10mb`. */
const bytes = z
  .union([
    z.int().positive(),
    z.string().regex(/^\d{1,12}(kb|mb|gb)?$/i, 'bytes, or a number with kb, mb or gb'),
  ])
  .transform((value) => {
    if (typeof value === 'number') return value
    const [, number, unit] = /^(\d+)([a-z]*)$/i.exec(value)!
    return Number(number) * BYTES[unit!.toLowerCase()]!
  })
  .pipe(z.int().positive())

const limits = z.strictObject({
  keys: z.int().positive().optional().meta({ description: 'Never more keys than this are unlinked.' }),
  bytes: bytes.optional().meta({ description: 'Never more than this, as MEMORY USAGE tells it.' }),
  share: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .meta({ description: 'Never more than this share of the keys that the cluster had at the plan.' }),
})

/** A pattern that every key matches, or every key that is not empty; `[^]`, closed or not, is any byte. */
const EVERYTHING = /^(?=.*\*)(?:[*?]|\[\^\])*(?:\[\^)?$/

/** Which keys `evict-keys` unlinks: those that meet everything that is given. */
export const evictKeysSpec = z
  .strictObject({
    match: z.string().min(1).max(1000).meta({ description: 'Glob as SCAN MATCH has it, bytewise.' }),
    all: z
      .boolean()
      .default(false)
      .meta({ description: 'Permit a pattern that every key matches, such as `*`.' }),
    types: z.array(z.enum(KEY_TYPES)).min(1).max(KEY_TYPES.length).optional(),
    idleOver: seconds.optional().meta({
      description: 'Not touched for longer: seconds, or as 30d (OBJECT IDLETIME). Not under an LFU policy.',
    }),
    freqUnder: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .meta({ description: 'A counter below this (OBJECT FREQ). Only under an LFU policy.' }),
    ttlUnder: seconds.optional().meta({ description: 'Expires sooner than this: seconds, or as 15m.' }),
    noTtl: z.boolean().default(false).meta({ description: 'Only keys that never expire.' }),
    sizeOver: bytes
      .optional()
      .meta({ description: 'Takes more memory: bytes, or as 1mb (MEMORY USAGE, sampled).' }),
    count: z
      .enum(['sample', 'full'])
      .default('sample')
      .meta({ description: 'How the plan counts: from a sample of the keys, or by looking at each.' }),
    rate: rate.prefault({ keysPerSecond: 10_000 }).meta({
      description: 'Of what is unlinked, over the whole cluster; what is absent is not limited.',
    }),
    limits: limits.prefault({}),
    verify: z
      .strictObject({ sample: z.int().min(0).max(100_000).default(1000) })
      .prefault({})
      .meta({ description: 'How many keys that are left out are looked at again at the end.' }),
  })
  .superRefine((spec, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (EVERYTHING.test(spec.match) && !spec.all)
      refuse('match', `${spec.match} is every key; say so with all: true (--all), or give a narrower pattern`)
    if (spec.idleOver !== undefined && spec.freqUnder !== undefined)
      refuse('freqUnder', 'a node knows either idle times or frequencies; give idleOver or freqUnder')
    if (spec.noTtl && spec.ttlUnder !== undefined)
      refuse('noTtl', 'no key has a TTL and has none; give ttlUnder or noTtl')
  })

export type EvictKeysSpec = z.output<typeof evictKeysSpec>

/** A number that may be estimated; both bounds are the value itself where all was counted. */
export interface Estimated {
  readonly value: number
  /** 95 % lie between. */
  readonly low: number
  readonly high: number
}

/** What goes from one shard: an entry of `details.shards` in a plan of evict-keys. */
export interface ShardEviction {
  readonly shard: string
  readonly node: string
  /** All keys of the node. */
  readonly total: number
  /** How many of them were looked at. */
  readonly looked: number
  readonly keys: Estimated
  readonly bytes: Estimated
}
