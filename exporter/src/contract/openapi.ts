import { z } from 'zod'
import { actor } from './actor.js'
import { alertList, alertNotification, alertReceipt, firingAlert } from './alerts.js'
import * as api from './api.js'
import { endpoints, type Endpoint } from './endpoints.js'
import { storedEvent } from './events.js'
import { eviction, sample } from './eviction.js'
import { evictionPolicySpec } from './kinds/eviction-policy.js'
import { evictKeysSpec } from './kinds/evict-keys.js'
import { warmupSpec } from './kinds/warmup.js'
import * as operations from './operations.js'
import { problemCodes, problemDocument, problemType, type ProblemCode } from './problems.js'
import { SCOPES } from './tokens.js'

type Json = Record<string, unknown>

const components: Record<string, z.ZodType> = {
  Actor: actor,
  Problem: problemDocument,
  Change: operations.change,
  PlanBody: operations.planBody,
  PlanProblem: operations.problem,
  NodeProgress: operations.nodeProgress,
  OperationState: operations.operationState,
  Rate: operations.rate,
  Plan: api.planAnswer,
  Operation: operations.operation,
  OperationList: api.operationList,
  ClusterSummary: api.clusterSummary,
  ClusterList: api.clusterList,
  Topology: api.topology,
  Health: api.health,
  Eviction: eviction,
  EvictionSample: sample,
  Warmup: api.warmup,
  PlanRequest: api.planRequest,
  RunRequest: api.runRequest,
  CommandRequest: api.commandRequest,
  RateRequest: api.rateRequest,
  FreezeRequest: api.freezeRequest,
  Freeze: api.freeze,
  AlertNotification: alertNotification,
  AlertReceipt: alertReceipt,
  FiringAlert: firingAlert,
  AlertList: alertList,
  Event: storedEvent,
  EventPage: api.eventPage,
  Verification: api.verification,
  Whoami: api.whoami,
  EvictionPolicySpec: evictionPolicySpec,
  WarmupSpec: warmupSpec,
  EvictKeysSpec: evictKeysSpec,
}

/** Problems that every call can have: [without a token, with one, with a body]. */
const ALWAYS: readonly ProblemCode[] = ['bad-path', 'foreign-origin', 'rate-limited', 'internal']
const GUARDED: readonly ProblemCode[] = ['unauthenticated', 'log-unavailable']
const WITH_BODY: readonly ProblemCode[] = ['invalid-body', 'too-large', 'unsupported-media-type', 'read-only']

/** The OpenAPI 3.1 description of the API, made of the endpoints and their schemas. */
export function openapi(version: string): Json {
  const paths: Record<string, Json> = {}
  for (const [id, endpoint] of Object.entries<Endpoint>(endpoints))
    (paths[endpoint.path] ??= {})[endpoint.method] = operationObject(id, endpoint)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slotwise control API',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Plans and runs operations on Redis and Valkey Clusters and reads their event log. ' +
        'Errors are application/problem+json (RFC 9457) with a stable `type`. ' +
        'A token limited to clusters sees nothing of others: they answer as if they were not there.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
    tags: [...new Set(Object.values(endpoints).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `Made by \`slotwise token new\`. Scopes: ${SCOPES.join(', ')}.`,
        },
      },
      schemas: schemas(),
    },
  }
}

function operationObject(id: string, endpoint: Endpoint): Json {
  const { scope, kindScope, body } = endpoint
  const needs = scope === undefined ? 'none' : `\`${scope}\`${kindScope ? " and the kind's" : ''}`
  return {
    operationId: id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: `Scope: ${needs}.`,
    ...(endpoint.open && { security: [] }),
    parameters: [...pathParameters(endpoint.path), ...queryParameters(endpoint), ...headers(id)],
    ...(body && {
      requestBody: {
        required: !endpoint.bodyOptional,
        content: { 'application/json': { schema: reference(body) } },
      },
    }),
    responses: responses(endpoint),
  }
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters({ query }: Endpoint): Json[] {
  if (!query) return []
  const { properties, required = [] } = plain(z.toJSONSchema(query, { io: 'input' })) as {
    properties: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }))
}

const HEADERS: Readonly<Record<string, { name: string; description: string }>> = {
  runPlan: {
    name: 'Idempotency-Key',
    description: 'The same key with the same request gives the same answer again. Printable ASCII.',
  },
  streamEvents: { name: 'Last-Event-ID', description: 'Position of the last event that was received.' },
}

function headers(id: string): Json[] {
  const header = HEADERS[id]
  return header ? [{ ...header, in: 'header', required: false, schema: { type: 'string' } }] : []
}

function responses(endpoint: Endpoint): Json {
  const content = endpoint.answer
    ? { 'application/json': { schema: reference(endpoint.answer) } }
    : { [endpoint.streams ?? 'text/event-stream']: { schema: { type: 'string' } } }
  const codes = [
    ...new Set<ProblemCode>([
      ...ALWAYS,
      ...(endpoint.open ? [] : GUARDED),
      ...(endpoint.scope ? (['missing-scope'] as const) : []),
      ...(endpoint.body ? WITH_BODY : []),
      'invalid-query',
      ...endpoint.problems,
    ]),
  ]
  const statuses = new Set(codes.map((code) => problemCodes[code][0]))
  return {
    [endpoint.status]: { description: endpoint.summary, content },
    ...Object.fromEntries(
      [...statuses].map((status) => [
        status,
        problemResponse(
          status,
          codes.filter((code) => problemCodes[code][0] === status),
        ),
      ]),
    ),
  }
}

function problemResponse(status: number, codes: readonly ProblemCode[]): Json {
  const retry = { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } }
  return {
    description: codes.map((code) => `\`${problemType(code)}\`: ${problemCodes[code][1]}.`).join(' '),
    ...((status === 429 || status === 503) && { headers: retry }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
}

/** The schema by its name where it has one. */
function reference(schema: z.ZodType): Json {
  const name = Object.keys(components).find((key) => components[key] === schema)
  return name === undefined
    ? plain(z.toJSONSchema(schema, { io: 'input' }))
    : { $ref: `#/components/schemas/${name}` }
}

function schemas(): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(components)) registry.add(schema, { id })
  const all = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    // Descriptions stand in zod's global registry, which naming by this one leaves out.
    override: ({ zodSchema, jsonSchema }) => {
      const description = z.globalRegistry.get(zodSchema)?.description
      if (description !== undefined) jsonSchema.description = description
    },
  })
  return Object.fromEntries(Object.entries(all.schemas).map(([id, schema]) => [id, plain(schema)]))
}

/** Without the marks of a schema that stands alone. */
function plain(schema: object): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'))
}
