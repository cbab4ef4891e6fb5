import type { z } from 'zod'
import type { warmup } from '../../contract/api.js'
import { maySee } from './access.js'
import type { ControlOptions } from './context.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

/** /clusters/{c}/warmup */
export function warmupHandlers(
  { sources, listFiles }: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'getWarmup'> {
  return {
    getWarmup: async ({ principal, param }): Promise<z.output<typeof warmup>> => {
      const { name: target } = visibility.cluster(principal, param('cluster'))
      return {
        cluster: target,
        sources: [
          ...sources
            .filter((name) => maySee(principal, name))
            .map((name) => ({ type: 'redis' as const, name })),
          ...visibility
            .clustersOf(principal)
            .filter(({ name }) => name !== target)
            .map(({ name }) => ({ type: 'cluster' as const, name })),
        ],
        files: [...(await listFiles())],
      }
    },
  }
}
