import type { Sample } from '../../queries/prometheus'
import { median, outliers } from './outliers'

/** A node's value beside those of its peers. */
export interface Beside {
  /** Undefined: Prometheus has none. */
  readonly own: number | undefined
  /** Undefined without peers that have a value. */
  readonly peers: { readonly low: number; readonly median: number; readonly high: number } | undefined
  /** Far from its peers: so many times their median; undefined: like them, or nobody can say. */
  readonly times: number | undefined
}

/**
 * @param samples a value a node (label instance)
 * @param peers instances that it is compared with, without itself
 * @param least below this all is noise; undefined: not compared
 */
export function besidePeers(
  samples: readonly Sample[],
  instance: string,
  peers: readonly string[],
  least: number | undefined,
): Beside {
  const valueOf = new Map(samples.map(({ labels, value }) => [labels.instance ?? '', value]))
  const own = valueOf.get(instance)
  const others = peers.flatMap((name) => {
    const value = valueOf.get(name)
    return value === undefined ? [] : [{ instance: name, value }]
  })
  const values = others.map(({ value }) => value)
  if (own === undefined || values.length === 0) return { own, peers: undefined, times: undefined }
  const middle = median(values)
  const odd =
    least !== undefined &&
    outliers([{ instance, value: own }, ...others], least).some((one) => one.instance === instance)
  return {
    own,
    peers: { low: Math.min(...values), median: middle, high: Math.max(...values) },
    times: odd ? (middle === 0 ? Infinity : own / middle) : undefined,
  }
}
