import { setBackendSrv, type BackendSrv, type BackendSrvRequest } from '@grafana/runtime'
import { NEVER, of, throwError } from 'rxjs'
import { PROXY } from '../api/client'

/** What a call is answered: a body, `problem(…)`, or a function of the request that gives one of them. */
export type Answer = unknown

class Refused {
  constructor(
    readonly status: number,
    readonly data: unknown,
  ) {}
}

/** As the control API refuses. */
export function problem(status: number, code: string, detail: string, members: object = {}): Refused {
  return new Refused(status, {
    type: `urn:slotwise:problem:${code}`,
    title: code,
    detail,
    status,
    ...members,
  })
}

/** As Grafana refuses by role. */
export const roleRefused = new Refused(403, { message: 'plugin proxy route access denied' })
/** As Grafana's proxy answers for an exporter that is gone. */
export const exporterDown = new Refused(502, undefined)

/** Something that takes its time: the answer never comes. */
export const unanswered = Symbol('unanswered')

/**
 * A backend in memory: `GET api/v1/clusters` (a path below the plugin's proxy, without its query) or
 * `POST /api/ds/query` to what it answers. What is missing answers 404. Calls are kept in order.
 */
export function fakeBackend(answers: Record<string, Answer>) {
  const calls: BackendSrvRequest[] = []
  const answer = (request: BackendSrvRequest): unknown => {
    calls.push(request)
    const path = (request.url.split('?')[0] ?? '').replace(`${PROXY}/`, '')
    const given = answers[`${request.method ?? 'GET'} ${path}`]
    return typeof given === 'function' ? (given as (request: BackendSrvRequest) => unknown)(request) : given
  }
  setBackendSrv({
    fetch: (request: BackendSrvRequest) => {
      const given = answer(request)
      if (given === undefined)
        return throwError(() => ({
          status: 404,
          data: { message: `nothing at ${request.url}` },
          config: request,
        }))
      if (given === unanswered) return NEVER
      if (given instanceof Refused)
        return throwError(() => ({ status: given.status, data: given.data, config: request }))
      return of({ data: given, status: 200, config: request })
    },
  } as unknown as BackendSrv)
  return {
    /** What is there to answer; can be changed while a test runs. */
    answers,
    calls,
    /** The bodies that were sent to a path. */
    sent: (method: string, path: string) =>
      calls
        .filter((call) => call.method === method && call.url === `${PROXY}/${path}`)
        .map(({ data }) => data as unknown),
  }
}

/** A token that may do everything; for the answers of `GET whoami/*`. */
export const whoami = {
  id: 'grafana',
  scopes: ['read', 'plan', 'run', 'override', 'warmup', 'evict', 'policy'],
  clusters: null,
  keyPrefixes: null,
  expires: null,
  delegated: true,
  readOnly: false,
}

/** Answers of an exporter where everybody may do everything. */
export const everythingAllowed: Record<string, Answer> = {
  'GET whoami/read': whoami,
  'GET whoami/plan': whoami,
  'GET whoami/run': whoami,
  'GET api/v1/freeze': { on: false, reason: '' },
}
