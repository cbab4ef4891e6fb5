import type { Drift, Unpersisted } from '../../contract/eviction.js'
import {
  FIELDS,
  PARAMETERS,
  valuesIn,
  type EvictionValues,
  type Field,
} from '../../contract/kinds/eviction-policy.js'
import type { Readout } from './readout.js'
import { numberIn } from './readout.js'

type Value = string | number | boolean

/** What all nodes agree on, and where they do not: values by how many nodes have them, most first. */
export function agreement(readouts: readonly Readout[]): { effective: EvictionValues; drift: Drift[] } {
  const effective: Partial<Record<Field, Value>> = {}
  const drift: Drift[] = []
  for (const parameter of FIELDS) {
    const byValue = new Map<Value, string[]>()
    for (const { node, values } of readouts) {
      const value = values[parameter]
      if (value !== undefined) byValue.set(value, [...(byValue.get(value) ?? []), node.instance])
    }
    const values = [...byValue].map(([value, nodes]) => ({ value, nodes }))
    if (values.length === 1) effective[parameter] = values[0]!.value
    else if (values.length > 1)
      drift.push({ parameter, values: values.sort((a, b) => b.nodes.length - a.nodes.length) })
  }
  return { effective: effective as EvictionValues, drift }
}

/** Nodes that have another value than most; of two halves, the one that was read later. */
export function oddNodes({ values }: Drift): string[] {
  return values.slice(1).flatMap(({ nodes }) => nodes)
}

/** An eviction-policy operation that ended well. */
export interface PolicyRun {
  readonly id: string
  readonly endedAt: string
  readonly persist: boolean
  readonly changes: readonly {
    readonly node: string
    readonly parameter: string
    readonly from: string
    readonly to: string
  }[]
}

/**
 * Values that a restart would lose. redis.conf cannot be read over the wire, so this is what operations here have set
 * without persist, where it still stands and the node has not restarted since; what somebody set by hand is not known.
 * @param now seconds since the epoch
 */
export function unpersistedIn(
  readouts: readonly Readout[],
  runs: readonly PolicyRun[],
  now: number,
): Unpersisted[] {
  const oldestFirst = [...runs].sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1))
  const found = new Map<string, Unpersisted>()
  for (const readout of readouts) {
    const { instance } = readout.node
    const startedAt = now - (numberIn(readout, 'uptime_in_seconds') ?? 0)
    const set = new Map<string, { to: string; operation: string }>()
    for (const { id, endedAt, persist, changes } of oldestFirst) {
      if (persist)
        set.clear() // CONFIG REWRITE writes all that is set by then
      else if (Date.parse(endedAt) / 1000 > startedAt)
        for (const { node, parameter, to } of changes)
          if (node === instance) set.set(parameter, { to, operation: id })
    }
    for (const field of FIELDS) {
      const last = set.get(PARAMETERS[field])
      const value = readout.values[field]
      if (!last || value === undefined || valuesIn({ [PARAMETERS[field]]: last.to })[field] !== value)
        continue
      const configFile = !['', '-'].includes(readout.info?.get('config_file') ?? '')
      const key = JSON.stringify([field, value, last.operation, configFile])
      const known = found.get(key)
      if (known) known.nodes.push(instance)
      else
        found.set(key, { parameter: field, value, nodes: [instance], operation: last.operation, configFile })
    }
  }
  return [...found.values()]
}
