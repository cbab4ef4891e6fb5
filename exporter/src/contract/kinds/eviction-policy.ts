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

/**
 * What decides about evictions: field of the spec -> parameter of redis.conf. In the order in which an engine that
 * takes one at a time is given them: the policy stands before a lower limit makes it act.
 */
export const PARAMETERS = {
  policy: 'maxmemory-policy',
  samples: 'maxmemory-samples',
  tenacity: 'maxmemory-eviction-tenacity',
  lfuLogFactor: 'lfu-log-factor',
  lfuDecayTime: 'lfu-decay-time',
  lazyfreeEviction: 'lazyfree-lazy-eviction',
  lazyfreeExpire: 'lazyfree-lazy-expire',
  lazyfreeServerDel: 'lazyfree-lazy-server-del',
  lazyfreeUserDel: 'lazyfree-lazy-user-del',
  lazyfreeUserFlush: 'lazyfree-lazy-user-flush',
  activeExpireEffort: 'active-expire-effort',
  maxmemoryClients: 'maxmemory-clients',
  replicaIgnoreMaxmemory: 'replica-ignore-maxmemory',
  maxmemory: 'maxmemory',
} as const

export type Field = keyof typeof PARAMETERS
export const FIELDS = Object.keys(PARAMETERS) as Field[]

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

/** A share of maxmemory; 0% is no limit, and the engine says 0 for it. */
const percentage = z
  .string()
  .regex(/^(100|[1-9]?\d)%$/, 'bytes, a number with kb, mb or gb, or 0% to 100%')
  .transform((share) => (share === '0%' ? 0 : share))

const LARGEST_INT = 2 ** 31 - 1
const int = (min: number, max: number) => z.int().min(min).max(max)

/** The parameters with their ranges, which are those of Redis and Valkey alike. */
const parameters = {
  maxmemory: bytes.meta({ description: 'Limit a node, in bytes or as 512mb; 0: none.' }),
  policy: z.enum(POLICIES).meta({ description: 'maxmemory-policy. The two -lrm need Redis 8.6.' }),
  samples: int(1, 64).meta({ description: 'maxmemory-samples: keys that are compared for each eviction.' }),
  tenacity: int(0, 100).meta({
    description: 'maxmemory-eviction-tenacity: how long evictions may hold up commands; 100: without end.',
  }),
  lfuLogFactor: int(0, LARGEST_INT).meta({ description: 'lfu-log-factor: how slowly counters grow.' }),
  lfuDecayTime: int(0, LARGEST_INT).meta({
    description: 'lfu-decay-time: minutes after which a counter falls by one; 0: never.',
  }),
  lazyfreeEviction: z
    .boolean()
    .meta({ description: 'lazyfree-lazy-eviction: evicted values are freed aside.' }),
  lazyfreeExpire: z.boolean().meta({ description: 'lazyfree-lazy-expire: expired values are freed aside.' }),
  lazyfreeServerDel: z.boolean().meta({
    description: 'lazyfree-lazy-server-del: values that a command writes over are freed aside.',
  }),
  lazyfreeUserDel: z.boolean().meta({ description: 'lazyfree-lazy-user-del: DEL works as UNLINK.' }),
  lazyfreeUserFlush: z
    .boolean()
    .meta({ description: 'lazyfree-lazy-user-flush: FLUSHALL works as with ASYNC.' }),
  activeExpireEffort: int(1, 10).meta({
    description: 'active-expire-effort: how much time goes into finding expired keys.',
  }),
  maxmemoryClients: z.union([bytes, percentage]).meta({
    description:
      'maxmemory-clients: limit of all clients’ buffers together, bytes or a share of maxmemory as 5%.',
  }),
  replicaIgnoreMaxmemory: z.boolean().meta({
    description: 'replica-ignore-maxmemory: a replica evicts nothing by itself.',
  }),
} satisfies Record<Field, z.ZodType>

/** What `eviction-policy` sets on every node of a cluster, primaries and replicas. What is absent stays as it is. */
export const evictionPolicySpec = z
  .strictObject({
    ...z.strictObject(parameters).partial().shape,
    persist: z
      .boolean()
      .default(false)
      .meta({ description: 'CONFIG REWRITE afterwards; the plan lists what that writes.' }),
    allowEviction: z
      .boolean()
      .default(false)
      .meta({ description: 'Permit a maxmemory below what is in use.' }),
  })
  .refine((spec) => FIELDS.some((field) => spec[field] !== undefined), {
    error: `nothing to set; give one of ${FIELDS.join(', ')}`,
  })

export type EvictionPolicySpec = z.output<typeof evictionPolicySpec>

/** The parameters as a node has them; one that it does not know is absent. */
export const evictionValues = z
  .strictObject({
    maxmemory: z.number().meta({ description: 'Bytes; 0: unlimited.' }),
    policy: z.string(),
    samples: z.number(),
    tenacity: z.number(),
    lfuLogFactor: z.number(),
    lfuDecayTime: z.number(),
    lazyfreeEviction: z.boolean(),
    lazyfreeExpire: z.boolean(),
    lazyfreeServerDel: z.boolean(),
    lazyfreeUserDel: z.boolean(),
    lazyfreeUserFlush: z.boolean(),
    activeExpireEffort: z.number(),
    maxmemoryClients: z.union([z.number(), z.string()]).meta({ description: 'Bytes, or a share as 5%.' }),
    replicaIgnoreMaxmemory: z.boolean(),
  } satisfies Record<Field, z.ZodType>)
  .partial()

export type EvictionValues = z.output<typeof evictionValues>

/** A value as CONFIG SET takes it and CONFIG GET gives it back. */
export function wireText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

/** What CONFIG GET answered for these parameters, by field; others are passed over. */
export function valuesIn(config: Readonly<Record<string, string>>): EvictionValues {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const text = config[PARAMETERS[field]]
      return text === undefined ? [] : [[field, valueOf(text)]]
    }),
  )
}

function valueOf(text: string): string | number | boolean {
  if (text === 'yes' || text === 'no') return text === 'yes'
  return /^\d+$/.test(text) ? Number(text) : text
}
