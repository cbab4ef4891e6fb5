import type { Operation, OperationState } from '../../api/contract'
import { isOver } from '../../api/contract'

/** Which operations, by their name in the URL. */
export const WHICH = {
  all: { text: 'All', keep: () => true },
  open: { text: 'Open', keep: (state: OperationState) => !isOver(state) },
  trouble: {
    text: 'Trouble',
    keep: (state: OperationState) => state === 'failed' || state === 'needs-attention' || state === 'undone',
  },
} as const
export type Which = keyof typeof WHICH

export function isWhich(text: string): text is Which {
  return Object.hasOwn(WHICH, text)
}

export interface Chosen {
  readonly which: Which
  /** Part of the cluster, the kind, the reason, or of who runs it. */
  readonly text: string
}

export function choose(operations: readonly Operation[], { which, text }: Chosen): Operation[] {
  const wanted = text.trim().toLowerCase()
  return operations.filter(({ state, cluster, kind, reason, summary, by, id }) => {
    const words = [cluster, kind, reason, summary, by.token, by.claimedUser ?? '', id, state]
    return WHICH[which].keep(state) && words.join(' ').toLowerCase().includes(wanted)
  })
}
