import { z } from 'zod'
import { actor } from './actor.js'
import { alertFacts } from './alerts.js'
import {
  change,
  comparison,
  measurement,
  nodeProgress,
  operationState,
  planBody,
  problem,
  progress,
  rate,
} from './operations.js'

/**
 * Streams: `cluster/<name>`, `operation/<id>`, `admission/<cluster>`, `alerts/<cluster>`, `access/<process>`, `control`,
 * `digest`.
 */
export type StreamFamily = 'cluster' | 'operation' | 'admission' | 'alerts' | 'access' | 'control' | 'digest'

const node = z.strictObject({
  id: z.string(),
  instance: z.string(),
  role: z.enum(['primary', 'replica']),
  primaryId: z.string(),
  shard: z.string(),
  failed: z.boolean(),
  slots: z.array(z.tuple([z.int(), z.int()])),
})

const by = { by: actor.optional().meta({ description: 'Absent when Slotwise did it by itself.' }) }

/** Every event type without its prefix `io.slotwise.`: the stream it stands in, what it says, its payload. */
export const eventTypes = {
  'cluster.discovered': {
    stream: 'cluster',
    help: 'The first reading of a cluster.',
    data: z.strictObject({ nodes: z.array(node) }),
  },
  'cluster.node-added': {
    stream: 'cluster',
    help: 'A node that was not there before.',
    data: z.strictObject({ node }),
  },
  'cluster.node-removed': {
    stream: 'cluster',
    help: 'No node knows this one any more.',
    data: z.strictObject({ id: z.string(), instance: z.string() }),
  },
  'cluster.node-changed': {
    stream: 'cluster',
    help: 'Failure, recovery, role, shard or slots of a node changed; `what` says which.',
    data: z.strictObject({
      node,
      what: z.array(z.enum(['failed', 'recovered', 'role', 'shard', 'slots', 'instance'])),
    }),
  },
  'cluster.failover': {
    stream: 'cluster',
    help: 'Another node is the primary of a shard.',
    data: z.strictObject({ shard: z.string(), from: z.string(), to: z.string() }),
  },
  'health.changed': {
    stream: 'cluster',
    help: 'A named check passes or fails now.',
    data: z.strictObject({ check: z.string(), ok: z.boolean(), evidence: z.string(), todo: z.string() }),
  },
  'eviction.drifted': {
    stream: 'cluster',
    help: 'Nodes disagree about a parameter that decides about evictions: each value with the nodes that have it, most first.',
    data: z.strictObject({
      parameter: z.string(),
      values: z.array(z.strictObject({ value: z.string(), nodes: z.array(z.string()) })),
    }),
  },
  'eviction.agreed': {
    stream: 'cluster',
    help: 'They agree about it again.',
    data: z.strictObject({ parameter: z.string() }),
  },
  'plan.requested': {
    stream: 'operation',
    help: 'Somebody asked for a plan.',
    data: z.strictObject({
      kind: z.string(),
      cluster: z.string(),
      spec: z.unknown(),
      by: actor,
      keyPrefixes: z
        .array(z.string())
        .optional()
        .meta({ description: "What the token's key prefixes bind the run to." }),
    }),
  },
  'plan.progressed': {
    stream: 'operation',
    help: 'How far a plan is that takes long; every few seconds.',
    data: progress,
  },
  'plan.ready': {
    stream: 'operation',
    help: 'The plan is made and can be run until it expires.',
    data: z.strictObject({ hash: z.string(), body: planBody, expiresAt: z.string() }),
  },
  'plan.refused': {
    stream: 'operation',
    help: 'The plan forbids the run.',
    data: z.strictObject({ problems: z.array(problem) }),
  },
  'plan.cancelled': {
    stream: 'operation',
    help: 'Somebody ended the plan while it was being made.',
    data: z.strictObject({ by: actor, reason: z.string() }),
  },
  'plan.staled': {
    stream: 'operation',
    help: 'What the plan relied on has changed; a fresh one was made.',
    data: z.strictObject({ difference: z.array(z.string()), freshPlan: z.string() }),
  },
  'operation.requested': {
    stream: 'operation',
    help: 'Somebody runs the plan; appended before anything is touched.',
    data: z.strictObject({
      hash: z.string(),
      reason: z.string(),
      by: actor,
      idempotencyKey: z.string().optional(),
    }),
  },
  'operation.overridden': {
    stream: 'operation',
    help: 'Somebody runs the plan although these checks forbid it.',
    data: z.strictObject({ by: actor, checks: z.array(z.string()) }),
  },
  'operation.progressed': {
    stream: 'operation',
    help: 'A checkpoint: how far these nodes are.',
    data: z.strictObject({ nodes: z.array(nodeProgress), checkpoint: z.unknown().optional() }),
  },
  'operation.paused': {
    stream: 'operation',
    help: 'It waits.',
    data: z.strictObject({ ...by, reason: z.string(), gates: z.array(z.string()) }),
  },
  'operation.resumed': {
    stream: 'operation',
    help: 'It goes on.',
    data: z.strictObject({ ...by, reason: z.string() }),
  },
  'operation.rate-changed': {
    stream: 'operation',
    help: 'It goes at another rate.',
    data: z.strictObject({ ...by, rate }),
  },
  'operation.cancel-requested': {
    stream: 'operation',
    help: 'Somebody wants it to end.',
    data: z.strictObject({ ...by, reason: z.string() }),
  },
  'operation.taken-up': {
    stream: 'operation',
    help: 'The process that ran it had ended, or was killed; another goes on from the last checkpoint.',
    data: z.strictObject({
      process: z.string().optional().meta({
        description: 'The one that goes on: its host, pid, and what tells it from all others that ever were.',
      }),
      from: z.string().optional().meta({
        description: 'The one before it; absent where nobody who was there then is left to tell.',
      }),
    }),
  },
  'operation.verifying': {
    stream: 'operation',
    help: 'All is done and is being read back.',
    data: z.strictObject({}),
  },
  'operation.measured': {
    stream: 'operation',
    help: 'Figures of the target before the run touched it, and after.',
    data: z.strictObject({ when: z.enum(['before', 'after']), values: measurement }),
  },
  'operation.compared': {
    stream: 'operation',
    help: 'A sample of the target was compared with the source.',
    data: comparison,
  },
  'operation.undoing': {
    stream: 'operation',
    help: 'What was done is being taken back.',
    data: z.strictObject({ reason: z.string() }),
  },
  'operation.ended': {
    stream: 'operation',
    help: 'It is over.',
    data: z.strictObject({ state: operationState, summary: z.string() }),
  },
  'operation.reconciled': {
    stream: 'operation',
    help: 'A node that had not answered is back; what was found there and done.',
    data: z.strictObject({ node: z.string(), found: z.array(change), done: z.string() }),
  },
  'admission.granted': {
    stream: 'admission',
    help: 'An operation may work on its cluster.',
    data: z.strictObject({
      operation: z.string(),
      kind: z.string(),
      shards: z
        .array(z.string())
        .optional()
        .meta({ description: 'The shards that it works on; absent: all.' }),
    }),
  },
  'admission.released': {
    stream: 'admission',
    help: 'It is done with its cluster.',
    data: z.strictObject({ operation: z.string() }),
  },
  'freeze.changed': {
    stream: 'control',
    help: 'All operations are stopped and new ones refused, or no longer.',
    data: z.strictObject({ on: z.boolean(), reason: z.string(), by: actor }),
  },
  'alert.fired': {
    stream: 'alerts',
    help: 'Alertmanager says that an alert fires.',
    data: z.strictObject({
      ...alertFacts,
      repeated: z
        .boolean()
        .meta({ description: 'It fired before; recorded again because that is some time ago.' }),
      by: actor,
    }),
  },
  'alert.resolved': {
    stream: 'alerts',
    help: 'Alertmanager says that an alert is over.',
    data: z.strictObject({
      ...z.strictObject(alertFacts).pick({
        fingerprint: true,
        name: true,
        severity: true,
        shard: true,
        node: true,
        startsAt: true,
      }).shape,
      by: actor,
    }),
  },
  'access.denied': {
    stream: 'access',
    help: 'Refused requests of one source within a minute.',
    data: z.strictObject({
      source: z.string(),
      token: z.string().optional(),
      method: z.string(),
      path: z.string(),
      status: z.int(),
      count: z.int(),
      since: z.string(),
    }),
  },
  'log.trimmed': {
    stream: 'digest',
    help: 'Events older than the retention were removed; the heads that the streams had there.',
    data: z.strictObject({
      through: z.string().meta({ description: 'Position of the last event that was removed.' }),
      events: z.int(),
      heads: z.record(z.string(), z.strictObject({ version: z.int(), hash: z.string() })),
    }),
  },
  'log.digest': {
    stream: 'digest',
    help: 'The heads of the streams that changed since the digest before, and a hash of all: an anchor for verification.',
    data: z.strictObject({
      heads: z
        .record(z.string(), z.strictObject({ version: z.int(), hash: z.string() }))
        .meta({ description: 'By stream: version and hash of its newest event.' }),
      all: z.string().optional().meta({
        description:
          'SHA-256 of the canonical JSON of the heads of all streams but this one, in the form of `heads`. Absent in digests of older versions: those list all heads.',
      }),
      snapshots: z
        .record(z.string(), z.object({ format: z.int(), position: z.string(), hash: z.string() }))
        .optional()
        .meta({
          description:
            'By fold: the snapshots that stand for what was trimmed; `hash` is the SHA-256 of the line that a backup has of it. Absent where nothing was trimmed, and in digests of older versions.',
        }),
    }),
  },
} as const satisfies Record<string, { stream: StreamFamily; help: string; data: z.ZodType }>

export const TYPE_PREFIX = 'io.slotwise.'

export type EventName = keyof typeof eventTypes
export type EventData<N extends EventName> = z.output<(typeof eventTypes)[N]['data']>

/** An event that is to be appended: its short type and its payload. */
export type NewEvent = {
  [N in EventName]: { readonly type: N; readonly data: EventData<N>; readonly time?: string }
}[EventName]

/** A CloudEvents 1.0 event as it stands in the log. https://cloudevents.io */
export const storedEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string().meta({ description: 'The stream.' }),
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  data: z.unknown(),
  streamversion: z.int().meta({ description: 'Place in its stream, from 1.' }),
  position: z.string().meta({ description: 'Place in the log; opaque.' }),
  previoushash: z
    .string()
    .meta({ description: 'Hash of the event before it in its stream; empty for the first.' }),
  hash: z.string().meta({ description: 'SHA-256 over the previous hash and this event.' }),
})

export type StoredEvent = z.output<typeof storedEvent>
