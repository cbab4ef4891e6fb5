import { z } from 'zod'
import { actor } from './actor.js'
import { storedEvent } from './events.js'
import { operation, operationState, plan, rate, type OperationState } from './operations.js'
import { scope } from './tokens.js'

const slots = z.array(z.tuple([z.int(), z.int()])).meta({ description: 'Inclusive ranges.' })
const seconds = z.iso.datetime()
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*$/u, 'no control characters')
const reason = text(1000).meta({ description: 'Why, for whoever reads the log later.' })

/** An operation in one of these is over. */
export const ENDED_STATES: ReadonlySet<OperationState> = new Set<OperationState>([
  'succeeded',
  'failed',
  'cancelled',
  'undone',
  'needs-attention',
])

export const clusterSummary = z.strictObject({
  name: z.string(),
  state: z
    .enum(['ok', 'fail', 'unknown'])
    .meta({ description: '`fail` when any node says cluster_state:fail; `unknown` when none was read.' }),
  verdict: z.enum(['healthy', 'unhealthy', 'unknown']),
  shards: z.int(),
  primaries: z.int().meta({
    description: 'Without those that failed and were replaced: until they are back they are neither.',
  }),
  replicas: z.int(),
  slotsCovered: z.int(),
  epoch: z.int().meta({ description: 'The highest current epoch that a node told; 0 when none did.' }),
  memory: z
    .strictObject({ usedBytes: z.number(), maxBytes: z.number() })
    .meta({ description: 'Over the primaries that answer; maxBytes is 0 when any of them is unlimited.' }),
  operations: z
    .array(z.strictObject({ id: z.string(), kind: z.string(), state: operationState }))
    .meta({ description: 'Those that are not over.' }),
})
export const clusterList = z.strictObject({ clusters: z.array(clusterSummary) })

export const topologyNode = z.strictObject({
  id: z.string(),
  instance: z.string().meta({ description: 'Its name in metrics.' }),
  address: z.string(),
  role: z.enum(['primary', 'replica']),
  flags: z.array(z.string()),
  link: z.enum(['up', 'down']).optional().meta({ description: "A replica's link to its primary." }),
  offset: z.number().optional().meta({ description: 'Replication offset, bytes.' }),
  lag: z.number().optional().meta({ description: 'Bytes that a replica is behind its primary.' }),
  zone: z.string().optional(),
  error: z.string().optional().meta({ description: 'Why it does not answer.' }),
})
export const topology = z.strictObject({
  cluster: z.string(),
  readAt: seconds,
  shards: z.array(z.strictObject({ id: z.string(), slots, nodes: z.array(topologyNode) })),
  migrating: z
    .array(z.strictObject({ from: z.string(), to: z.string(), slots }))
    .optional()
    .meta({
      description:
        'Slots on their way from one node to another, by the names of the nodes in metrics; absent when none is.',
    }),
  views: z.strictObject({ read: z.int(), opinions: z.int() }).meta({
    description:
      'How many views were read last, and how many different opinions they hold: 1 when all agree.',
  }),
})

export const health = z.strictObject({
  cluster: z.string(),
  verdict: z.enum(['healthy', 'unhealthy', 'unknown']),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['ok', 'failing']),
      evidence: z.string(),
      since: z.string().optional().meta({ description: 'When it came to this status, if known.' }),
      todo: z.string().meta({ description: 'What to do; empty when ok.' }),
    }),
  ),
})

export const warmup = z.strictObject({
  cluster: z.string(),
  sources: z
    .array(z.strictObject({ type: z.enum(['redis', 'cluster']), name: z.string() }))
    .meta({ description: 'What this token may name as the source of a warmup of this cluster.' }),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), modifiedAt: seconds })).meta({
    description:
      'Files below `warmup.dir`, newest first, at most 1000; none for a token without the scopes `plan` and `warmup`.',
  }),
})

/** Characters as JSON. */
const LARGEST_SPEC = 64 * 1024

export const planRequest = z.strictObject({
  kind: text(64).min(1).meta({ description: 'E.g. `eviction-policy`.' }),
  spec: z
    .record(z.string(), z.unknown())
    // It stays in the log and in memory as long as the plan does.
    .refine((spec) => JSON.stringify(spec).length <= LARGEST_SPEC, 'larger than 64 KiB')
    .meta({
      description:
        "The kind's own; see the schemas EvictionPolicySpec, EvictKeysSpec and WarmupSpec. At most 64 KiB.",
    }),
})
export const planAnswer = plan.extend({
  sampleWithheld: z
    .literal(true)
    .optional()
    .meta({ description: "The token lacks the kind's scope, so the sample is shown empty." }),
})
export const runRequest = z.strictObject({
  confirm: text(200).meta({ description: "The cluster's name, typed again." }),
  hash: text(200).meta({ description: "The plan's hash: what was looked at is what is run." }),
  reason: reason.regex(/[^\s\p{C}]/u, 'say why'),
  override: z.array(text(64).min(1)).max(50).optional().meta({
    description: "Names of the plan's `blockers` that are overridden; needs the scope `override`.",
  }),
})
export const commandRequest = z.strictObject({ reason: reason.optional() })
export const rateRequest = z.strictObject({
  rate: rate.refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'give keysPerSecond, bytesPerSecond or both',
  }),
})
export const freezeRequest = z.strictObject({
  on: z.boolean(),
  reason: reason.regex(/[^\s\p{C}]/u, 'say why'),
})
export const freeze = z.strictObject({
  on: z.boolean(),
  reason: z.string().meta({ description: 'Of the first that froze; empty for a token limited to clusters.' }),
  by: actor.optional(),
  since: z.string().optional(),
})

export const operationList = z.strictObject({ operations: z.array(operation) })

const name = text(200)
const limit = (standard: number, most: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(standard)
    .meta({ description: `At most ${most}.` })
export const operationsQuery = z.strictObject({
  cluster: name.optional(),
  state: operationState.optional(),
  limit: limit(100, 1000),
})
export const alertsQuery = z.strictObject({ cluster: name.optional() })
export const position = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,100}$/, 'a position as `next` or an event gives it')
  .meta({ description: 'Position to read on from.' })
const eventFilter = {
  cluster: name.optional().meta({ description: 'Events of this cluster and of its operations.' }),
  stream: name.optional().meta({ description: 'A stream, or all of a family: `operation/`.' }),
  type: name.optional().meta({ description: 'With or without `io.slotwise.`.' }),
}
export const eventsQuery = z.strictObject({
  after: position.optional(),
  order: z
    .enum(['oldest', 'newest'])
    .default('oldest')
    .meta({ description: 'Which come first; `after` reads on in the same order.' }),
  ...eventFilter,
  without: name.optional().meta({ description: 'A type that is left out, such as `operation.progressed`.' }),
  limit: limit(100, 1000),
})
export const eventStreamQuery = z.strictObject({ after: position.optional(), ...eventFilter })
export const eventPage = z.strictObject({
  events: z.array(storedEvent),
  next: z.string().meta({ description: 'Give it as `after` to read on; empty in an empty log.' }),
  more: z
    .boolean()
    .meta({ description: 'Whether there was more to look through; a page can be short and more be true.' }),
  trimmed: z.string().optional().meta({
    description:
      'Events behind `after` were removed by the retention, up to this position: they are missing here. Absent where none is.',
  }),
})
export const verifyQuery = z.strictObject({
  anchor: text(128)
    .min(1)
    .optional()
    .meta({ description: 'Hash of a digest event that the log must contain.' }),
})
export const verification = z.strictObject({
  ok: z.boolean(),
  anchor: z.string().meta({ description: 'Hash of the newest digest; keep it elsewhere.' }),
  events: z.int().optional().meta({ description: 'Absent for a token limited to clusters.' }),
  streams: z.int().optional().meta({ description: 'Absent for a token limited to clusters.' }),
  problems: z.array(z.string()).meta({ description: 'Without names for a token limited to clusters.' }),
  unproven: z.array(z.string()).meta({
    description:
      'What nothing proves, although nothing speaks against it: snapshots of a trimmed log that no digest tells (yet).',
  }),
})

export const whoami = z.strictObject({
  id: z.string(),
  scopes: z.array(scope),
  clusters: z.array(z.string()).nullable().meta({ description: 'null: all.' }),
  keyPrefixes: z.array(z.string()).nullable().meta({ description: 'null: all keys.' }),
  expires: z.string().nullable(),
  delegated: z.boolean(),
  readOnly: z.boolean().meta({ description: 'No tokens file: everybody reads, nobody writes.' }),
})
