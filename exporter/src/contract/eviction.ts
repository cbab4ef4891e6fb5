import { z } from 'zod'
import { evictionPolicySpec, evictionValues, FIELDS, type Field } from './kinds/eviction-policy.js'

const instances = z.array(z.string()).meta({ description: 'Nodes by their instance.' })
const field = z.enum(FIELDS as [Field, ...Field[]])
const value = z.union([z.string(), z.number(), z.boolean()])

export const evictionNode = z.strictObject({
  id: z.string(),
  instance: z.string(),
  shard: z.string(),
  role: z.enum(['primary', 'replica']),
  usedMemory: z.number().optional().meta({ description: 'Bytes.' }),
  ...evictionValues.shape,
  error: z.string().optional().meta({ description: 'What could not be read, and why.' }),
  todo: z.string().optional().meta({ description: 'Where CONFIG is blocked: how to do it there.' }),
})

/** A parameter in which nodes disagree. */
export const drift = z.strictObject({
  parameter: field,
  values: z.array(z.strictObject({ value, nodes: instances })),
})

/** A value that a restart would lose, as far as that can be known without reading redis.conf. */
export const unpersisted = z.strictObject({
  parameter: field,
  value,
  nodes: instances,
  operation: z.string().meta({ description: 'The operation that set it, without persist.' }),
  configFile: z
    .boolean()
    .meta({ description: 'False: the nodes run without a file, so nothing can persist it.' }),
})

const bucket = z.strictObject({
  from: z.number(),
  to: z.number().nullable().meta({ description: 'Not included; null: no end.' }),
  keys: z.int(),
})
const histogram = z.array(bucket)

export const sampleSummary = z.strictObject({
  keys: z.int().meta({ description: 'How many keys were looked at.' }),
  of: z.int().meta({ description: 'How many keys the primaries hold.' }),
  marginPercent: z.number().meta({ description: 'A share is that many points off at most, 19 times of 20.' }),
  withTtl: z.number().meta({ description: 'Share of keys with a time to live, 0 to 1.' }),
  meanBytes: z.number(),
  ttlSeconds: histogram.meta({ description: 'Of keys that have one.' }),
  bytes: histogram.meta({ description: 'MEMORY USAGE, values sampled.' }),
  idleSeconds: histogram.optional().meta({ description: 'OBJECT IDLETIME on primaries; not under LFU.' }),
  frequency: histogram.optional().meta({ description: 'OBJECT FREQ on primaries; only under LFU.' }),
  note: z.string().optional().meta({ description: 'Why a histogram is missing or says little.' }),
  from: instances.meta({ description: 'Nodes that were asked: replicas where they are well.' }),
})

export const sample = z.strictObject({
  state: z.enum(['none', 'running', 'done', 'failed']).meta({
    description: 'Of the last one that was asked for: POST /clusters/{c}/eviction/sample.',
  }),
  progress: z.strictObject({ done: z.int(), total: z.int() }).optional(),
  error: z.string().optional(),
  takenAt: z.string().optional(),
  ageSeconds: z.number().optional(),
  summary: sampleSummary.optional().meta({ description: 'Of the last one that ended well.' }),
})

/** Over the primaries that answer. What cannot be known (yet) is absent. */
export const pressure = z
  .strictObject({
    spanSeconds: z.number().meta({ description: 'Rates are over so long; absent right after the start.' }),
    usedBytes: z.number(),
    maxBytes: z.number().meta({ description: '0 when any primary is unlimited.' }),
    notCountedBytes: z.number().meta({ description: 'mem_not_counted_for_evict.' }),
    keys: z.number(),
    expires: z.number().meta({ description: 'Keys with a time to live.' }),
    evictedPerSecond: z.number(),
    expiredPerSecond: z.number(),
    hitRatio: z.number().meta({ description: '0 to 1; EXISTS and writes that look count, too.' }),
    readsPerSecond: z.number().meta({ description: 'Lookups: hits and misses.' }),
    writesPerSecond: z.number().meta({ description: 'Calls of commands that write.' }),
    rejectedPerSecond: z.number().meta({ description: 'Errors OOM: writes refused for want of memory.' }),
    growthBytesPerSecond: z.number(),
    secondsToFull: z.number().meta({ description: 'Of the shard that is full first, at that rate.' }),
    fragmentationRatio: z.number().meta({ description: 'The highest of a node.' }),
    fragmentationBytes: z.number().meta({ description: 'Of that node.' }),
  })
  .partial()

export const advice = z.strictObject({
  rule: z.string().meta({ description: 'Its name, e.g. volatile-without-ttls.' }),
  severity: z.enum(['warning', 'suggestion', 'information']),
  what: z.string(),
  why: z.string(),
  evidence: z.array(
    z.strictObject({
      figure: z.string(),
      value: z.string(),
      source: z.string().meta({ description: 'The command, or what it was computed from.' }),
    }),
  ),
  confidence: z.enum(['high', 'medium', 'low']),
  todo: z.string(),
  spec: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'Of a plan for eviction-policy that does it.' }),
  nodes: instances.optional(),
})

/** GET /clusters/{c}/eviction */
export const eviction = z.strictObject({
  cluster: z.string(),
  effective: evictionValues.meta({
    description: 'What all nodes that answered agree on; a parameter in drift is absent.',
  }),
  nodes: z.array(evictionNode),
  drift: z
    .array(drift)
    .meta({ description: 'Parameters in which nodes disagree: each value with the nodes that have it.' }),
  unpersisted: z.array(unpersisted).meta({
    description:
      'Values that a restart would lose, as set by operations here; what somebody set by hand is not known.',
  }),
  pressure,
  sample,
  advice: z.array(advice).meta({ description: 'Warnings first.' }),
})

export type EvictionNode = z.output<typeof evictionNode>
export type Drift = z.output<typeof drift>
export type Unpersisted = z.output<typeof unpersisted>
export type Histogram = z.output<typeof histogram>
export type SampleSummary = z.output<typeof sampleSummary>
export type Sample = z.output<typeof sample>
export type Pressure = z.output<typeof pressure>
export type Advice = z.output<typeof advice>
export type Eviction = z.output<typeof eviction>
/** What an advice may put into a plan. */
export type SuggestedSpec = Partial<z.input<typeof evictionPolicySpec>>
