import type { EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'

/** In the order in which they are set one by one: the policy stands before a lower limit makes it act. */
export const PARAMETERS = ['maxmemory-policy', 'maxmemory-samples', 'maxmemory'] as const

export type Parameter = (typeof PARAMETERS)[number]
export type Values = Readonly<Record<Parameter, string>>

/** What a spec wants the parameters to be; what it leaves alone is absent. */
export function wanted({ maxmemory, policy, samples }: EvictionPolicySpec): Partial<Values> {
  return {
    ...(policy !== undefined && { 'maxmemory-policy': policy }),
    ...(samples !== undefined && { 'maxmemory-samples': String(samples) }),
    ...(maxmemory !== undefined && { maxmemory: String(maxmemory) }),
  }
}

/** Whether a node has all of these values. */
export function has(values: Values, expected: Partial<Values>): boolean {
  return PARAMETERS.every(
    (parameter) => expected[parameter] === undefined || values[parameter] === expected[parameter],
  )
}

/** Values for people: `maxmemory-policy allkeys-lru, maxmemory 512.0 MiB`. */
export function tell(values: Partial<Values>): string {
  return PARAMETERS.flatMap((parameter) =>
    values[parameter] === undefined ? [] : [`${parameter} ${values[parameter]}`],
  ).join(', ')
}
