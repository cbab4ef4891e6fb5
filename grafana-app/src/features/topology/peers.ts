import type { Sample } from '../../queries/prometheus'
import type { Fact } from './fact'
import { middle, outliers } from './outliers'

/** A node's value beside those of its peers. */
export interface Beside {
  /** Undefined: Prometheus has none. */
  readonly own: number | undefined
  /** Undefined without peers that have a value. */
  readonly peers: { readonly low: number; readonly median: number; readonly high: number } | undefined
  /** Far from its peers: so many times their median; undefined: like them, or nobody can say. */
  readonly times: number | undefined
}

const ALONE = { peers: undefined, times: undefined }

/**
 * Gives the value of each node beside those of the others. The values are sorted once, however many nodes are asked for.
 * @param samples a value a node (label instance)
 * @param instances all that are compared with each other
 * @param least below this all is noise; undefined: not compared
 */
export function amongPeers(
  samples: readonly Sample[],
  instances: readonly string[],
  least: number | undefined,
): (instance: string) => Beside {
  const valueOf = new Map(samples.map(({ labels, value }) => [labels.instance ?? '', value]))
  const known = instances.flatMap((instance) => {
    const value = valueOf.get(instance)
    return value === undefined ? [] : [{ instance, value }]
  })
  const sorted = known.map(({ value }) => value).sort((a, b) => a - b)
  const odd = new Set(least === undefined ? [] : outliers(known, least).map(({ instance }) => instance))
  return (instance) => {
    const own = valueOf.get(instance)
    if (own === undefined || sorted.length < 2) return { own, ...ALONE }
    const others = sorted.toSpliced(sorted.indexOf(own), 1)
    const median = middle(others)
    return {
      own,
      peers: { low: others[0]!, median, high: others.at(-1)! },
      times: odd.has(instance) ? (median === 0 ? Infinity : own / median) : undefined,
    }
  }
}

/** The same of several figures at once, by the names of the facts. */
export function comparing<Name extends string>(
  facts: Readonly<Record<Name, Pick<Fact, 'least'>>>,
  samples: Readonly<Record<Name, readonly Sample[]>>,
  instances: readonly string[],
): (instance: string) => Readonly<Record<Name, Beside>> {
  const names = Object.keys(facts) as Name[]
  const all = names.map((name) => [name, amongPeers(samples[name], instances, facts[name].least)] as const)
  return (instance) =>
    Object.fromEntries(all.map(([name, besideOf]) => [name, besideOf(instance)])) as Record<Name, Beside>
}
