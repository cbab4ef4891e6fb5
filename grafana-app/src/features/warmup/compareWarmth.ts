import type { Sample } from '../../queries/prometheus'
import { percent } from '../operations/text'

type Samples = readonly Sample[]

export interface Warmth {
  readonly name: string
  readonly keys: number | undefined
  /** Bytes. */
  readonly used: number | undefined
  /** Bytes; 0: unlimited. */
  readonly limit: number | undefined
  /** 0 to 1. */
  readonly hitRatio: number | undefined
  /** How the cluster in question stands against the fullest: `cold: 0.1 % of the keys of demo`. */
  readonly cold: string | undefined
}

/** Below this share of the keys of the fullest cluster one is called cold. */
const COLD = 0.5

/** The cluster in question first, then the others, most keys first. */
export function compareWarmth(
  cluster: string,
  data: Readonly<Record<'keys' | 'used' | 'limit' | 'hitRatio', Samples>>,
): readonly Warmth[] {
  const names = new Set(Object.values(data).flatMap((samples) => samples.map(nameOf)))
  const of = (name: string, samples: Samples) => samples.find((sample) => nameOf(sample) === name)?.value
  const others = [...names]
    .filter((name) => name !== cluster && name !== '')
    .map((name) => ({ name, keys: of(name, data.keys) ?? 0 }))
    .sort((a, b) => b.keys - a.keys)
  const fullest = others[0]
  const row = (name: string): Warmth => {
    const keys = of(name, data.keys)
    // Of what is not known nothing is said.
    const share = keys !== undefined && fullest && fullest.keys > 0 ? keys / fullest.keys : 1
    return {
      name,
      keys,
      used: of(name, data.used),
      limit: of(name, data.limit),
      hitRatio: of(name, data.hitRatio),
      cold:
        name === cluster && fullest && share < COLD
          ? `cold: ${percent(share)} of the keys of ${fullest.name}`
          : undefined,
    }
  }
  return [...(names.has(cluster) ? [cluster] : []), ...others.map(({ name }) => name)].map(row)
}

const nameOf = ({ labels }: Sample) => labels.redis_cluster ?? ''
