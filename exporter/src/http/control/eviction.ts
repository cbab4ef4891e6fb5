import { readingOf } from './clusters.js'
import type { ControlOptions } from './context.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

/** /clusters/{c}/eviction, /clusters/{c}/eviction/sample */
export function evictionHandlers(
  { eviction }: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'getEviction' | 'sampleEviction'> {
  return {
    getEviction: ({ principal, param }) => {
      const cluster = visibility.cluster(principal, param('cluster'))
      readingOf(cluster)
      return eviction.look(cluster.name)
    },
    sampleEviction: ({ principal, param }) => {
      const cluster = visibility.cluster(principal, param('cluster'))
      readingOf(cluster)
      return eviction.sample(cluster.name)
    },
  }
}
