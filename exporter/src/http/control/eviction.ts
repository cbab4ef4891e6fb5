import type { Eviction } from '../../contract/eviction.js'
import { readingOf } from './clusters.js'
import type { ControlOptions } from './context.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

/** Each look asks every node: so long its answer is given to others who ask. */
const KEPT_MS = 1000

/** /clusters/{c}/eviction, /clusters/{c}/eviction/sample */
export function evictionHandlers(
  { eviction, clock }: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'getEviction' | 'sampleEviction'> {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<Eviction> }>()
  const look = (cluster: string): Promise<Eviction> => {
    const now = clock()
    const known = kept.get(cluster)
    if (known && Math.abs(now - known.at) < KEPT_MS) return known.answer
    const answer = eviction.look(cluster)
    kept.set(cluster, { at: now, answer })
    answer.catch(() => kept.delete(cluster))
    return answer
  }
  return {
    getEviction: ({ principal, param }) => {
      const cluster = visibility.cluster(principal, param('cluster'))
      readingOf(cluster)
      return look(cluster.name)
    },
    sampleEviction: ({ principal, param }) => {
      const cluster = visibility.cluster(principal, param('cluster'))
      readingOf(cluster)
      kept.delete(cluster.name)
      return eviction.sample(cluster.name)
    },
  }
}
