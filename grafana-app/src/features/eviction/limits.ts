import { fullness } from '../operations/fullness'
import { bytes, percent } from '../operations/text'
import type { Tone } from '../operations/Meter'
import type { Eviction } from '../../api/contract'
import { FIELDS, PARAMETERS } from './parameters'

/** `64 MiB`; 0 is Redis's way to say that there is no limit. */
export const sayLimit = (maxmemory: number) => (maxmemory === 0 ? 'no limit' : bytes(maxmemory))

/** A configuration parameter's value as people read it. */
export const sayValue = (parameter: string, value: string): string =>
  (parameter === 'maxmemory' || parameter === 'maxmemory-clients') && /^\d+$/.test(value)
    ? sayLimit(Number(value))
    : value

/** As redis.conf has it. */
export const sayAny = (parameter: string, value: string | number | boolean): string =>
  sayValue(parameter, typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))

export interface Pressure {
  readonly share: number
  readonly tone: Tone
  readonly text: string
}

/** How full a node is; undefined while it is not known. Without a limit nothing can be full. */
export function pressure(used: number | undefined, max: number | undefined): Pressure | undefined {
  if (used === undefined || max === undefined) return undefined
  if (max === 0) return { share: 0, tone: 'neutral', text: `${bytes(used)}, no limit` }
  const share = used / max
  return {
    share,
    tone: fullness(share),
    text: `${bytes(used)} of ${bytes(max)} (${percent(share)})`,
  }
}

/** The rule of the advice that tells of drift. */
export const DISAGREE = 'nodes-disagree'

/** Where nodes disagree, a sentence a parameter: the value that most have first, then who has another. */
export function sayDrift(drift: Eviction['drift']): readonly string[] {
  return drift.map(({ parameter, values }) => {
    const [most, ...others] = [...values].sort((a, b) => b.nodes.length - a.nodes.length)
    const say = (value: string | number | boolean) => sayAny(PARAMETERS[parameter], value)
    const parts = others.map(({ value, nodes }) => `${say(value)} on ${list(nodes)}`)
    return `${PARAMETERS[parameter]} is ${most ? say(most.value) : 'not known'} on ${most?.nodes.length ?? 0} of ${values.flatMap(({ nodes }) => nodes).length} nodes, but ${parts.join(', ')}.`
  })
}

/** What a spec sets: `maxmemory-policy allkeys-lru, maxmemory 64 MiB`. */
export const saySpec = (spec: Readonly<Record<string, unknown>>): string =>
  FIELDS.flatMap((field) => {
    const value = spec[field]
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [`${PARAMETERS[field]} ${sayAny(PARAMETERS[field], value)}`]
      : []
  }).join(', ')

const list = (nodes: readonly string[]) =>
  nodes.length <= 3 ? nodes.join(', ') : `${nodes.slice(0, 3).join(', ')} and ${nodes.length - 3} more`
