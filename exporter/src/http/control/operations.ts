import type { Actor } from '../../contract/actor.js'
import type { Operation } from '../../contract/operations.js'
import type { ControlOptions } from './context.js'
import type { Call, Handlers } from './route.js'
import type { Visibility } from './visibility.js'

type CommandCall = Pick<Call<'pauseOperation'>, 'principal' | 'param' | 'by' | 'body'>
type Command = (id: string, by: Actor, reason: string) => Promise<Operation>

/** /operations, /operations/{id} and the commands below it */
export function operationHandlers(
  { operations }: ControlOptions,
  visibility: Visibility,
): Pick<
  Handlers,
  'listOperations' | 'getOperation' | 'changeRate' | 'pauseOperation' | 'resumeOperation' | 'cancelOperation'
> {
  /** The operation, if the principal may command it. */
  const commanded = ({ principal, param }: Pick<CommandCall, 'principal' | 'param'>) => {
    const operation = visibility.operation(principal, param('id'))
    visibility.mustHoldKind(principal, operation.kind)
    visibility.mustCoverKeys(principal, operations.getPlan(operation.id) ?? {})
    return operation.id
  }
  const command = (send: Command) => async (call: CommandCall) =>
    visibility.showOperation(call.principal, await send(commanded(call), call.by, call.body.reason ?? ''))
  return {
    listOperations: ({ principal, query: { cluster, state, limit } }) => {
      const only = cluster === undefined ? undefined : visibility.cluster(principal, cluster).name
      const seen = new Set(visibility.clustersOf(principal).map(({ name }) => name))
      return {
        operations: operations
          .listOperations()
          .filter((operation) => seen.has(operation.cluster) || !principal.clusters)
          .filter((operation) => only === undefined || operation.cluster === only)
          .filter((operation) => state === undefined || operation.state === state)
          .slice(0, limit)
          .map((operation) => visibility.showOperation(principal, operation)),
      }
    },
    getOperation: ({ principal, param }) =>
      visibility.showOperation(principal, visibility.operation(principal, param('id'))),
    changeRate: async (call) =>
      visibility.showOperation(
        call.principal,
        await operations.setRate(commanded(call), call.by, call.body.rate),
      ),
    pauseOperation: command((id, by, reason) => operations.pause(id, by, reason)),
    resumeOperation: command((id, by, reason) => operations.resume(id, by, reason)),
    cancelOperation: command((id, by, reason) => operations.cancel(id, by, reason)),
  }
}
