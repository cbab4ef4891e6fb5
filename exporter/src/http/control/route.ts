import type { Request, Response, Router } from 'express'
import type { z } from 'zod'
import type { Actor } from '../../contract/actor.js'
import { endpoints, type Endpoint, type EndpointName } from '../../contract/endpoints.js'
import { actorOf, mustHold } from './access.js'
import type { GrafanaIds } from './grafana-id.js'
import { readBody, readQuery } from './body.js'
import { Refusal } from './problem.js'
import type { Principal } from './tokens.js'

type Spec<N extends EndpointName> = (typeof endpoints)[N]
type Checked<N extends EndpointName, Part extends string> =
  Spec<N> extends Record<Part, infer Schema extends z.ZodType> ? z.output<Schema> : undefined

/** A request that has passed: its scope is held, its query and body fit their schemas. */
export interface Call<N extends EndpointName> {
  readonly principal: Principal
  readonly by: Actor
  /** A parameter of the path. */
  readonly param: (name: 'cluster' | 'id') => string
  readonly query: Checked<N, 'query'>
  readonly body: Checked<N, 'body'>
  readonly request: Request
  readonly response: Response
}

/** Answers a call; one without an answer schema writes the response itself. */
export type Handler<N extends EndpointName> = (
  call: Call<N>,
) => Checked<N, 'answer'> | Promise<Spec<N> extends { answer: z.ZodType } ? Checked<N, 'answer'> : undefined>

/** A handler for every endpoint: one that is missing or too much does not compile. */
export type Handlers = { readonly [N in EndpointName]: Handler<N> }

/** Puts every endpoint on the router; other methods on a known path answer 405. */
export function mount(
  router: Router,
  handlers: Handlers,
  principalOf: (response: Response) => Principal,
  grafana: GrafanaIds | undefined,
): void {
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const handler = handlers[name as EndpointName] as (call: unknown) => unknown
    router[endpoint.method](patternOf(endpoint.path), async (request, response) => {
      const principal = principalOf(response)
      if (endpoint.scope) mustHold(principal, endpoint.scope)
      const query = readQuery(request.url, endpoint.query)
      const body =
        endpoint.body && (await readBody(request, response, endpoint.body, !!endpoint.bodyOptional))
      const answer = await handler({
        principal,
        // What is only read is not recorded.
        by: await actorOf(principal, request, endpoint.method === 'get' ? undefined : grafana),
        param: (name: string) => request.params[name],
        query,
        body,
        request,
        response,
      })
      if (endpoint.answer) response.status(endpoint.status).json(answer)
    })
  }
  for (const path of new Set(Object.values(endpoints).map((endpoint) => endpoint.path))) {
    const methods = Object.values<Endpoint>(endpoints)
      .filter((endpoint) => endpoint.path === path)
      .flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    router.all(patternOf(path), (_, response) => {
      response.setHeader('allow', methods.join(', '))
      throw new Refusal('method-not-allowed', `this path answers ${methods.join(', ')}`)
    })
  }
}

function patternOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
