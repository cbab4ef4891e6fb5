import type { FreezeState } from './operations.js'
import { nameOf } from './timeline.js'

/** The gate that the log has of a run which a freeze paused. */
export const FROZEN = 'frozen'

/** Who froze, since when, why, and what ends it. */
export function sayFrozen({ reason, by, since }: FreezeState): string {
  const who = by ? ` by ${nameOf(by)}` : ''
  const when = since === undefined ? '' : ` since ${since.slice(0, 19).replace('T', ' ')}Z`
  return `frozen${who}${when}: ${reason}; slotwise unfreeze ends that (PUT /freeze, scope admin)`
}

/** Why a run waits that somebody holds, as it is now: a freeze may have ended meanwhile. */
export function sayHold(gate: string, frozen: FreezeState): string {
  if (gate !== FROZEN) return gate
  return frozen.on ? sayFrozen(frozen) : 'paused by a freeze that has ended; resume it'
}
