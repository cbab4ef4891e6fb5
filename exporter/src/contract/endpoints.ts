import { z } from 'zod'
import { alertList, alertNotification, alertReceipt } from './alerts.js'
import * as api from './api.js'
import { eviction, sample } from './eviction.js'
import { operation } from './operations.js'
import type { ProblemCode } from './problems.js'
import type { Scope } from './tokens.js'

/** One call of the API. Requests are checked against it, routes and OpenAPI are made of it. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'patch'
  /** Below /api/v1, parameters in braces. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  /** The scope that it needs; absent: any valid token. */
  readonly scope?: Scope
  /** Needs the scope of the operation's kind too. */
  readonly kindScope?: true
  /** Answers without a token. */
  readonly open?: true
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** A request without a body counts as `{}`. */
  readonly bodyOptional?: true
  readonly status: 200 | 202
  /** Absent: a stream, of server-sent events unless `streams` says otherwise. */
  readonly answer?: z.ZodType
  /** Media type of the stream. */
  readonly streams?: string
  /** Problems of its own; those that every call can have are added. */
  readonly problems: readonly ProblemCode[]
}

const command = (verb: string) =>
  ({
    method: 'post',
    path: `/operations/{id}/${verb}`,
    tag: 'operations',
    scope: 'run',
    kindScope: true,
    body: api.commandRequest,
    bodyOptional: true,
    status: 202,
    answer: operation,
    problems: ['unknown-operation', 'limited-keys', 'wrong-state', 'frozen', 'conflict'],
  }) as const

export const endpoints = {
  listClusters: {
    method: 'get',
    path: '/clusters',
    tag: 'clusters',
    summary: 'The clusters that the token may see.',
    scope: 'read',
    status: 200,
    answer: api.clusterList,
    problems: [],
  },
  getCluster: {
    method: 'get',
    path: '/clusters/{cluster}',
    tag: 'clusters',
    summary: 'One cluster at a glance.',
    scope: 'read',
    status: 200,
    answer: api.clusterSummary,
    problems: ['unknown-cluster'],
  },
  getTopology: {
    method: 'get',
    path: '/clusters/{cluster}/topology',
    tag: 'clusters',
    summary: 'Shards, slots, nodes, replication.',
    scope: 'read',
    status: 200,
    answer: api.topology,
    problems: ['unknown-cluster', 'not-read'],
  },
  getHealth: {
    method: 'get',
    path: '/clusters/{cluster}/health',
    tag: 'clusters',
    summary: 'Named checks with evidence and what to do.',
    scope: 'read',
    status: 200,
    answer: api.health,
    problems: ['unknown-cluster'],
  },
  getEviction: {
    method: 'get',
    path: '/clusters/{cluster}/eviction',
    tag: 'clusters',
    summary: 'What decides about evictions on every node, where nodes disagree, figures, and advice.',
    scope: 'read',
    status: 200,
    answer: eviction,
    problems: ['unknown-cluster', 'not-read'],
  },
  sampleEviction: {
    method: 'post',
    path: '/clusters/{cluster}/eviction/sample',
    tag: 'clusters',
    summary: 'Begins to look at a sample of the keys, for advice; changes nothing.',
    scope: 'plan',
    body: api.commandRequest,
    bodyOptional: true,
    status: 202,
    answer: sample,
    problems: ['unknown-cluster', 'not-read'],
  },
  getWarmup: {
    method: 'get',
    path: '/clusters/{cluster}/warmup',
    tag: 'clusters',
    summary: 'What the cluster can be warmed from: configured sources and files.',
    scope: 'read',
    status: 200,
    answer: api.warmup,
    problems: ['unknown-cluster'],
  },
  createPlan: {
    method: 'post',
    path: '/clusters/{cluster}/plans',
    tag: 'plans',
    summary: 'Starts to plan an operation; touches nothing.',
    scope: 'plan',
    kindScope: true,
    body: api.planRequest,
    status: 202,
    answer: api.planAnswer,
    problems: ['unknown-cluster', 'unknown-kind', 'invalid-spec', 'limited-keys', 'conflict'],
  },
  getPlan: {
    method: 'get',
    path: '/plans/{id}',
    tag: 'plans',
    summary: "A plan. Its sample needs the kind's scope.",
    scope: 'read',
    status: 200,
    answer: api.planAnswer,
    problems: ['unknown-plan'],
  },
  runPlan: {
    method: 'post',
    path: '/plans/{id}/run',
    tag: 'plans',
    summary: 'Runs a plan, once. The operation has the id of its plan.',
    scope: 'run',
    kindScope: true,
    body: api.runRequest,
    status: 202,
    answer: operation,
    problems: [
      'unknown-plan',
      'invalid-spec',
      'limited-keys',
      'invalid-header',
      'wrong-confirm',
      'not-ready',
      'wrong-hash',
      'already-run',
      'stale',
      'conflict',
      'frozen',
    ],
  },
  cancelPlan: {
    method: 'post',
    path: '/plans/{id}/cancel',
    tag: 'plans',
    summary: 'Ends a plan that is being made: it is `refused`, and says by whom.',
    scope: 'plan',
    kindScope: true,
    body: api.commandRequest,
    bodyOptional: true,
    status: 202,
    answer: api.planAnswer,
    problems: ['unknown-plan', 'limited-keys', 'wrong-state', 'conflict'],
  },
  listOperations: {
    method: 'get',
    path: '/operations',
    tag: 'operations',
    summary: 'Operations, newest first.',
    scope: 'read',
    query: api.operationsQuery,
    status: 200,
    answer: api.operationList,
    problems: ['unknown-cluster'],
  },
  getOperation: {
    method: 'get',
    path: '/operations/{id}',
    tag: 'operations',
    summary: 'An operation: state, progress a node, timeline.',
    scope: 'read',
    status: 200,
    answer: operation,
    problems: ['unknown-operation'],
  },
  changeRate: {
    method: 'patch',
    path: '/operations/{id}',
    tag: 'operations',
    summary: 'Changes the rate.',
    scope: 'run',
    kindScope: true,
    body: api.rateRequest,
    status: 200,
    answer: operation,
    problems: ['unknown-operation', 'limited-keys', 'wrong-state'],
  },
  pauseOperation: { ...command('pause'), summary: 'Pauses; what is under way on a node ends first.' },
  resumeOperation: { ...command('resume'), summary: 'Goes on.' },
  cancelOperation: { ...command('cancel'), summary: 'Ends it where it is.' },
  getFreeze: {
    method: 'get',
    path: '/freeze',
    tag: 'freeze',
    summary: 'Whether operations are frozen.',
    scope: 'read',
    status: 200,
    answer: api.freeze,
    problems: [],
  },
  setFreeze: {
    method: 'put',
    path: '/freeze',
    tag: 'freeze',
    summary: 'Stops all operations of all clusters and refuses new ones, or lets them be again.',
    scope: 'admin',
    body: api.freezeRequest,
    status: 200,
    answer: api.freeze,
    problems: ['limited-token'],
  },
  recordAlerts: {
    method: 'post',
    path: '/alerts',
    tag: 'alerts',
    summary: "Takes Alertmanager's webhook (version 4) into the log; durable when it answers.",
    scope: 'alerts',
    body: alertNotification,
    status: 200,
    answer: alertReceipt,
    problems: ['too-many-alerts'],
  },
  listAlerts: {
    method: 'get',
    path: '/alerts',
    tag: 'alerts',
    summary: 'Alerts that fire, as Alertmanager told.',
    scope: 'read',
    query: api.alertsQuery,
    status: 200,
    answer: alertList,
    problems: ['unknown-cluster'],
  },
  listEvents: {
    method: 'get',
    path: '/events',
    tag: 'events',
    summary: 'A page of the event log, oldest or newest first.',
    scope: 'read',
    query: api.eventsQuery,
    status: 200,
    answer: api.eventPage,
    problems: ['unknown-cluster'],
  },
  streamEvents: {
    method: 'get',
    path: '/events/stream',
    tag: 'events',
    summary: 'Events as they come (server-sent events): from Last-Event-ID, else `after`, else from now on.',
    scope: 'read',
    query: api.eventStreamQuery,
    status: 200,
    problems: ['unknown-cluster', 'invalid-header', 'too-many-streams'],
  },
  verifyEvents: {
    method: 'get',
    path: '/events/verify',
    tag: 'events',
    summary: 'Checks every chain of the log, and that it contains the anchor.',
    scope: 'read',
    query: api.verifyQuery,
    status: 200,
    answer: api.verification,
    problems: [],
  },
  backupEvents: {
    method: 'get',
    path: '/events/backup',
    tag: 'events',
    summary:
      'The whole log as it is now, a JSON document a line: a head, snapshots when it was trimmed, every event, an end.',
    scope: 'admin',
    status: 200,
    streams: 'application/x-ndjson',
    problems: ['limited-token', 'limited-keys'],
  },
  whoami: {
    method: 'get',
    path: '/whoami',
    tag: 'access',
    summary: 'What this token may do.',
    status: 200,
    answer: api.whoami,
    problems: [],
  },
  getOpenapi: {
    method: 'get',
    path: '/openapi.json',
    tag: 'access',
    summary: 'This description.',
    open: true,
    status: 200,
    answer: z.record(z.string(), z.unknown()),
    problems: [],
  },
} as const satisfies Record<string, Endpoint>

export type EndpointName = keyof typeof endpoints
