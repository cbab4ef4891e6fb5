import type { ControlOptions } from './context.js'
import { Refusal } from './problem.js'
import type { Handlers } from './route.js'

/** /freeze. It stops the operations of every cluster, so a token limited to some can read it only, and not who and why. */
export function freezeHandlers({ operations }: ControlOptions): Pick<Handlers, 'getFreeze' | 'setFreeze'> {
  return {
    getFreeze: ({ principal }) => {
      const { on, reason, by, since } = operations.frozen
      if (principal.clusters) return { on, reason: '' }
      return { on, reason, ...(by && { by }), ...(since !== undefined && { since }) }
    },
    setFreeze: async ({ principal, by, body: { on, reason } }) => {
      if (principal.clusters)
        throw new Refusal(
          'limited-token',
          `freezing stops the operations of every cluster, and the token ${principal.id} is limited to ` +
            `${[...principal.clusters].join(', ')}; use one that is not`,
        )
      return operations.freeze(on, reason, by)
    },
  }
}
