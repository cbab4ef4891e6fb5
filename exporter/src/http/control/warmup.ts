import type { z } from 'zod'
import type { warmup } from '../../contract/api.js'
import { maySee } from './access.js'
import type { ControlOptions } from './context.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

/** The scopes of whoever may plan a warmup. */
const NEEDED = ['plan', 'warmup'] as const

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
        // Their names may say more than a reader is to know; who cannot plan needs none.
        files: NEEDED.every((scope) => principal.scopes.has(scope)) ? [...(await listFiles())] : [],
      }
    },
  }
}
