import { z } from 'zod'
import { actor } from './actor.js'

/** What is wrong with a plan or a node, and what to do. */
export const problem = z.strictObject({
  node: z.string().optional().meta({ description: 'Instance of the node it is about.' }),
  reason: z.string(),
  todo: z.string(),
})

/** A check that forbids the run unless it is overridden by its name. */
export const blocker = z.strictObject({
  check: z.string().meta({ description: 'Its name, e.g. unreachable-node.' }),
  ...problem.shape,
})

/** One value on one node that a plan changes. */
export const change = z.strictObject({
  node: z.string(),
  shard: z.string(),
  role: z.enum(['primary', 'replica']),
  parameter: z.string(),
  from: z.string(),
  to: z.string(),
})

/** What a plan found out and what its run would do. Immutable once it is ready; `hash` is of exactly this. */
export const planBody = z.strictObject({
  changes: z.array(change),
  counts: z.record(z.string(), z.number()).meta({ description: 'E.g. nodes, changes, keys, bytes.' }),
  warnings: z.array(z.string()),
  blockers: z.array(blocker).optional().meta({
    description: 'Checks that the run has to override by name, with the scope for it; absent: none.',
  }),
  sample: z.array(z.unknown()).meta({ description: "Examples; needs the kind's scope." }),
  fingerprint: z.string().meta({ description: 'Hash of just what the kind relies on.' }),
  estimateSeconds: z.number(),
  details: z.record(z.string(), z.unknown()).meta({ description: "The kind's own." }),
})

export const planState = z.enum(['planning', 'ready', 'refused', 'stale', 'expired'])
export const operationState = z.enum([
  'running',
  'paused',
  'verifying',
  'succeeded',
  'failed',
  'cancelled',
  'undone',
  'needs-attention',
])

/** How far one node is. */
export const nodeProgress = z.strictObject({
  node: z.string(),
  outcome: z.enum(['waiting', 'working', 'done', 'undone', 'refused', 'unknown', 'skipped']),
  note: z.string(),
  shard: z
    .string()
    .optional()
    .meta({ description: 'Where things arrive in another cluster: the shard there. Not part of the sums.' }),
  done: z
    .number()
    .optional()
    .meta({ description: 'How much of `total` is done, in units of the kind (keys looked at).' }),
  total: z.number().optional().meta({ description: 'Estimated where it cannot be known.' }),
  counts: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: 'So far, by what became of them: written, existing, bytes, …' }),
})

/** How much of all is done, in units of the kind. */
export const progress = z.strictObject({ done: z.number(), total: z.number() })

/** What a comparison with the source found at the end. */
export const comparison = z.strictObject({
  checked: z.int(),
  same: z.int(),
  different: z.int().meta({ description: 'Another type, value or TTL than the source has.' }),
  missing: z.int().meta({ description: 'In the source but not in the target.' }),
  gone: z.int().meta({ description: 'No longer in the source either; counts for nothing.' }),
  examples: z
    .array(z.string())
    .meta({ description: 'What differs, for people; no values. Empty without the scope of the kind.' }),
})

/** Figures of the target: keys, usedMemoryBytes, evictedKeys, keyspaceHits, keyspaceMisses. */
export const measurement = z.record(z.string(), z.number())

export const rate = z.strictObject({
  keysPerSecond: z.int().positive().optional(),
  bytesPerSecond: z.int().positive().optional(),
})

export const timelineEntry = z.strictObject({ time: z.string(), type: z.string(), text: z.string() })

/** A plan, as GET /plans/{id} shows it. */
export const plan = z.strictObject({
  id: z.string(),
  kind: z.string(),
  cluster: z.string(),
  state: planState,
  spec: z.unknown(),
  by: actor,
  createdAt: z.string(),
  keyPrefixes: z
    .array(z.string())
    .optional()
    .meta({ description: 'Its run touches only keys that start with one of these; absent: all.' }),
  readyAt: z.string().optional(),
  expiresAt: z.string().optional(),
  hash: z.string().optional(),
  /** What the plan found out, once it is ready. */
  ...planBody.partial().shape,
  refused: z.array(problem).optional(),
  progress: progress.optional().meta({
    description:
      'How much was looked at, while it is `planning`: keys, or bytes of a file. Absent in the first seconds, and for kinds that are quick.',
  }),
  /** Why it went stale and the plan that takes its place. */
  stale: z.strictObject({ difference: z.array(z.string()), freshPlan: z.string() }).optional(),
  /** Set once it was run: GET /operations/{id} has the same id. */
  operation: operationState.optional(),
})

/** A run of a plan, as GET /operations/{id} shows it. Same id as its plan. */
export const operation = z.strictObject({
  id: z.string(),
  kind: z.string(),
  cluster: z.string(),
  state: operationState,
  by: actor,
  reason: z.string(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  summary: z.string(),
  nodes: z.array(nodeProgress),
  progress,
  rate: rate.optional(),
  etaSeconds: z.number().optional(),
  gates: z.array(z.string()).meta({ description: 'Why it is paused, if a gate paused it.' }),
  counts: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: 'Of all nodes together; absent for kinds that count nothing.' }),
  comparison: comparison.optional(),
  before: measurement.optional().meta({ description: 'The target when the run began.' }),
  after: measurement.optional().meta({ description: 'The target when it ended.' }),
  changes: z.array(change),
  timeline: z.array(timelineEntry),
})

export type Problem = z.output<typeof problem>
export type Blocker = z.output<typeof blocker>
export type Change = z.output<typeof change>
export type PlanBody = z.output<typeof planBody>
export type OperationState = z.output<typeof operationState>
export type NodeProgress = z.output<typeof nodeProgress>
export type Progress = z.output<typeof progress>
export type Comparison = z.output<typeof comparison>
export type Measurement = z.output<typeof measurement>
export type Rate = z.output<typeof rate>
export type Plan = z.output<typeof plan>
export type Operation = z.output<typeof operation>
