import type { Plan } from '../../api/contract'

/** Names of the checks that block a plan, each once. */
export const checksOf = ({ blockers = [] }: Pick<Plan, 'blockers'>): readonly string[] => [
  ...new Set(blockers.map(({ check }) => check)),
]
