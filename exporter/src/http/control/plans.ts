import { mustHold } from './access.js'
import type { ControlOptions } from './context.js'
import { Refusal } from './problem.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

/** /clusters/{c}/plans, /plans/{id}, /plans/{id}/run, /plans/{id}/cancel */
export function planHandlers(
  { operations }: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'createPlan' | 'getPlan' | 'runPlan' | 'cancelPlan'> {
  return {
    createPlan: async ({ principal, by, param, body: { kind, spec } }) => {
      const { name } = visibility.cluster(principal, param('cluster'))
      visibility.mustHoldKind(principal, kind)
      visibility.mustSeeSources(principal, kind, spec)
      const { keyPrefixes } = principal
      return operations.plan({ cluster: name, kind, spec, by, ...(keyPrefixes && { keyPrefixes }) })
    },
    getPlan: ({ principal, param }) =>
      visibility.showPlan(principal, visibility.plan(principal, param('id'))),
    runPlan: async ({ principal, by, param, body, request }) => {
      const plan = visibility.plan(principal, param('id'))
      visibility.mustHoldKind(principal, plan.kind)
      visibility.mustCoverKeys(principal, plan)
      visibility.mustSeeSources(principal, plan.kind, plan.spec)
      if (body.override?.length) mustHold(principal, 'override')
      const idempotencyKey = keyOf(request.headers['idempotency-key'])
      const run = await operations.run(plan.id, {
        ...body,
        by,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      })
      return visibility.showOperation(principal, run)
    },
    cancelPlan: async ({ principal, by, param, body }) => {
      const plan = visibility.plan(principal, param('id'))
      visibility.mustHoldKind(principal, plan.kind)
      visibility.mustCoverKeys(principal, plan)
      return visibility.showPlan(principal, await operations.cancelPlan(plan.id, by, body.reason ?? ''))
    },
  }
}

function keyOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header
  throw new Refusal(
    'invalid-header',
    'Idempotency-Key: 1 to 200 printable ASCII characters without spaces, for instance a UUID',
  )
}
