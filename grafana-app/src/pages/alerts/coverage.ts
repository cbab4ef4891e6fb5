import type { Health } from '../../api/contract'
import { RULE_OF_CHECK, RULES } from '../../features/alerts/rules'
import type { Rule } from '../../queries/rules'

/** How one of Slotwise's rules stands for a cluster. */
export interface Covered {
  readonly name: string
  readonly severity: string
  readonly notices: string
  readonly state: 'missing' | 'broken' | 'fires' | 'pending' | 'quiet' | 'beats'
  /** Why it is broken. */
  readonly error: string
}

/** Always fires, so that its absence is noticed. */
const HEARTBEAT = 'Watchdog'

/** What needs somebody first. */
export const STATES = ['missing', 'broken', 'fires', 'pending', 'quiet', 'beats'] as const

/** Every rule that ships, what nobody would be told of first. */
export function coverageOf(cluster: string, loaded: readonly Rule[]): readonly Covered[] {
  return Object.entries(RULES)
    .map(([name, { severity, notices }]): Covered => {
      const rules = loaded.filter((rule) => rule.name === name)
      const error = rules.find((rule) => rule.error !== '')?.error ?? ''
      return {
        name,
        severity,
        notices,
        state: name === HEARTBEAT ? beatOf(rules) : stateOf(cluster, rules),
        error,
      }
    })
    .toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state))
}

function stateOf(cluster: string, rules: readonly Rule[]): Covered['state'] {
  if (rules.length === 0) return 'missing'
  if (rules.some(({ error }) => error !== '')) return 'broken'
  // Alerts about the exporter or about alerting itself name no cluster.
  const ours = rules
    .flatMap(({ active }) => active)
    .filter(({ labels }) => (labels.redis_cluster ?? cluster) === cluster)
  if (ours.some(({ state }) => state === 'firing')) return 'fires'
  return ours.length > 0 ? 'pending' : 'quiet'
}

function beatOf(rules: readonly Rule[]): Covered['state'] {
  if (rules.length === 0) return 'missing'
  return rules.some(({ state }) => state === 'firing') ? 'beats' : 'broken'
}

/** Checks that fail while no rule tells of the same. */
export const uncovered = (checks: Health['checks'], covered: readonly Covered[]): Health['checks'] =>
  checks.filter(({ name, status }) => {
    const rule = covered.find((one) => one.name === RULE_OF_CHECK[name])
    return status === 'failing' && (rule === undefined || rule.state === 'missing' || rule.state === 'broken')
  })
