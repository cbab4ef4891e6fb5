import { z } from 'zod'

/** Every code that a problem can have: the status that goes with it and its title. Codes are stable, texts are not. */
export const problemCodes = {
  'bad-path': [400, 'The path is not accepted'],
  'invalid-query': [400, 'The query is not valid'],
  'invalid-header': [400, 'A header is not valid'],
  'invalid-body': [400, 'The body is not valid'],
  'invalid-spec': [400, 'The spec is not valid'],
  'unknown-kind': [400, 'There is no such kind of operation'],
  'wrong-confirm': [400, 'The confirmation does not name the cluster'],
  unauthenticated: [401, 'A valid token is needed'],
  'missing-scope': [403, 'The token lacks a scope'],
  'limited-token': [403, 'The token is limited to some clusters'],
  'limited-keys': [403, 'The token is limited to some keys'],
  'read-only': [403, 'The control API is read-only'],
  'foreign-origin': [403, 'Requests from foreign pages are refused'],
  'foreign-host': [403, 'Requests under a foreign host name are refused'],
  'unknown-path': [404, 'There is nothing at this path'],
  'unknown-cluster': [404, 'There is no such cluster'],
  'unknown-plan': [404, 'There is no such plan'],
  'unknown-operation': [404, 'There is no such operation'],
  'method-not-allowed': [405, 'The method is not allowed here'],
  'not-ready': [409, 'The plan cannot be run'],
  'wrong-hash': [409, 'The hash is not that of the plan'],
  'already-run': [409, 'The plan was run before'],
  stale: [409, 'The plan is stale'],
  conflict: [409, 'Another operation is in the way'],
  frozen: [409, 'Operations are frozen'],
  'wrong-state': [409, 'The operation is in another state'],
  'too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body is not JSON'],
  'rate-limited': [429, 'Too many requests'],
  'too-many-streams': [429, 'Too many event streams'],
  internal: [500, 'Slotwise failed'],
  'not-read': [503, 'The cluster has not been read yet'],
  'too-many-alerts': [503, 'Too many alerts fire anew'],
  'log-unavailable': [503, 'The event log is not available'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof problemCodes

/** The stable `type` of a problem. */
export function problemType(code: string): string {
  return `urn:slotwise:problem:${code}`
}

/** RFC 9457. Further members by type: `problems`, `difference`, `freshPlan`, `operation`, `scope`, … */
export const problemDocument = z.looseObject({
  type: z.string().meta({ description: 'Stable: `urn:slotwise:problem:<code>`.' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What is wrong and what to do, for people.' }),
  instance: z.string().meta({ description: 'The path that was asked for.' }),
})
