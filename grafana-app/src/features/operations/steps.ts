import { isOver, type OperationState, type Plan } from '../../api/contract'

export const STEPS = ['plan', 'review', 'confirm', 'run', 'verify'] as const
export type Step = (typeof STEPS)[number]

/** Where the flow is: told by the plan and its operation alone, so that a reload or a pasted link goes on there. */
export function stepOf(
  plan: Pick<Plan, 'state' | 'operation'> | undefined,
  operation: { readonly state: OperationState } | undefined,
  confirming: boolean,
): Step {
  const state = operation?.state ?? plan?.operation
  if (state !== undefined) return state === 'verifying' || isOver(state) ? 'verify' : 'run'
  if (plan?.state !== 'ready') return 'plan'
  return confirming ? 'confirm' : 'review'
}

/** Earlier steps one may go back to: nothing once it runs, since what runs can't be planned again. */
export function reachable(current: Step): readonly Step[] {
  if (current === 'review') return ['plan']
  if (current === 'confirm') return ['plan', 'review']
  return []
}
