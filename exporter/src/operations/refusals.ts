import type { Blocker } from '../contract/operations.js'
import { sayFrozen } from './frozen.js'
import { OperationError, type FreezeState, type PlanRequest, type RunRequest } from './operations.js'
import { isOpen, stateOf, type OperationRecord, type Run } from './record.js'
import { isPlanning } from './state.js'
import { planView } from './views.js'

/** Plans that one token may have made at a time of a cluster: each may look at every key there. */
const MOST_PLANS = 8

/**
 * @param made plans that are being made
 * @throws OperationError so many plans of the cluster are being made for this token
 */
export function refuseManyPlans(
  made: readonly Pick<OperationRecord, 'cluster' | 'plannedBy'>[],
  { cluster, by }: Pick<PlanRequest, 'cluster' | 'by'>,
): void {
  const own = made.filter((plan) => plan.cluster === cluster && plan.plannedBy.token === by.token)
  if (own.length < MOST_PLANS) return
  throw new OperationError(
    'conflict',
    `${MOST_PLANS} plans of ${cluster} are being made for the token ${by.token}; wait for one, or cancel it`,
  )
}

/** @throws OperationError why this request cannot run this plan */
export function refuseRun(record: OperationRecord, request: RunRequest, now: Date): void {
  const { id, cluster, ready } = record
  refuseSecondRun(record)
  const { state } = planView(record, now)
  if (state !== 'ready' || !ready)
    throw new OperationError('not-ready', `plan ${id} is ${state}; make a new plan`, { state })
  if (request.confirm !== cluster)
    throw new OperationError('wrong-confirm', "confirm must be the cluster's name, typed again")
  if (request.hash !== ready.hash)
    throw new OperationError('wrong-hash', 'hash is not that of the plan; read the plan again')
  if (request.reason.trim() === '') throw new OperationError('invalid-spec', 'reason: say why this is run')
  refuseBlocked(ready.body.blockers ?? [], request.override ?? [])
}

/** Each check that forbids the run has to be named, and nothing else. */
function refuseBlocked(blockers: readonly Blocker[], overridden: readonly string[]): void {
  const checks = new Set(blockers.map(({ check }) => check))
  const unknown = overridden.filter((name) => !checks.has(name))
  if (unknown.length > 0) {
    const known = checks.size > 0 ? `it is blocked by ${[...checks].join(', ')}` : 'nothing blocks it'
    throw new OperationError(
      'invalid-spec',
      `override: the plan has no check ${unknown.join(', ')}; ${known}`,
    )
  }
  const left = blockers.filter(({ check }) => !overridden.includes(check))
  if (left.length === 0) return
  const reasons = left.map(({ check, node, reason }) => `${check}: ${node ? `${node}: ` : ''}${reason}`)
  const names = [...new Set(left.map(({ check }) => check))]
  throw new OperationError(
    'not-ready',
    `${reasons.join('; ')}; mend that and plan again, or override ${names.join(', ')} by name`,
    { blockers: left },
  )
}

/** @throws OperationError */
export function refuseSecondRun({ id, run }: OperationRecord): void {
  if (!run) return
  throw new OperationError('already-run', `plan ${id} was run already; a plan runs once`, { operation: id })
}

/** @throws OperationError */
export function refuseFrozen(frozen: FreezeState): void {
  if (frozen.on) throw new OperationError('frozen', `operations are ${sayFrozen(frozen)}`)
}

/** @throws OperationError the plan is no longer being made */
export function refuseMade(record: OperationRecord, now: Date): void {
  if (isPlanning(record)) return
  const { state, operation } = planView(record, now)
  const todo = operation === undefined ? 'it touches nothing until it is run' : 'cancel its operation'
  throw new OperationError('wrong-state', `plan ${record.id} is made already (${state}): ${todo}`, { state })
}

/** @throws OperationError the operation is over, or may not have this command now */
export function refuseCommand(record: OperationRecord, verb: string, may: (run: Run) => boolean): void {
  const { id, run } = record
  if (!run) throw new OperationError('wrong-state', `plan ${id} was not run; there is nothing to ${verb}`)
  if (isOpen(record) && may(run)) return
  const state = stateOf(run)
  const why = run.gates.length > 0 ? ` by itself (${run.gates.join('; ')})` : ''
  throw new OperationError('wrong-state', `operation ${id} is ${state}${why}: cannot ${verb} it`, { state })
}

/**
 * One that is being read back has nothing left to end, unless somebody holds it there. One with a rate can be ended:
 * its comparison keeps to the rate and may take long.
 */
export function canBeCancelled({ phase, hold, rate }: Run): boolean {
  return phase === 'running' || hold !== undefined || rate !== undefined
}
