import {
  FIELDS,
  PARAMETERS,
  wireText,
  type EvictionPolicySpec,
} from '../../../contract/kinds/eviction-policy.js'

export type Parameter = (typeof PARAMETERS)[keyof typeof PARAMETERS]

/** Values as CONFIG has them; a parameter that a node does not know, or that nobody asks about, is absent. */
export type Values = Readonly<Partial<Record<Parameter, string>>>

/** In the order in which they are set one by one. */
export const NAMES: readonly Parameter[] = FIELDS.map((field) => PARAMETERS[field])

/** What a spec wants the parameters to be; what it leaves alone is absent. */
export function wanted(spec: EvictionPolicySpec): Values {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const value = spec[field]
      return value === undefined ? [] : [[PARAMETERS[field], wireText(value)]]
    }),
  )
}

/** Of all that CONFIG GET gave, what this kind is about. */
export function ownValues(config: Readonly<Record<string, string>>): Values {
  return Object.fromEntries(
    NAMES.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])),
  )
}

export function namesIn(values: Values): Parameter[] {
  return NAMES.filter((name) => values[name] !== undefined)
}

/** Whether a node has all of these values. */
export function has(values: Values, expected: Values): boolean {
  return namesIn(expected).every((name) => values[name] === expected[name])
}

/** Of a node's values those that also stand in `which`. */
export function pick(values: Values, which: Values): Values {
  return Object.fromEntries(namesIn(which).map((name) => [name, values[name] ?? '']))
}

/** Values for people: `maxmemory-policy allkeys-lru, maxmemory 536870912`. */
export function tell(values: Values): string {
  return namesIn(values)
    .map((name) => `${name} ${values[name]}`)
    .join(', ')
}
