import { NodeError } from '../../redis/errors.js'

/** A node is no longer what a pass began with, or cannot be worked with now: it is worth another look later. */
export class NodeChanged extends Error {
  override readonly name = 'NodeChanged'
}

/** Replies that mean: not now. */
export const PASSING = /^(LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN)/

/** What went wrong with a node that may be well again soon. @throws what will not mend itself */
export function passing(error: unknown): string {
  const passes =
    error instanceof NodeChanged ||
    (error instanceof NodeError && !['denied', 'auth', 'reply', 'protocol'].includes(error.kind))
  if (!passes) throw error
  return error.message
}
