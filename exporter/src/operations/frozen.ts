import type { FreezeState } from './operations.js'
import { FROZEN } from './record.js'
import { nameOf } from './timeline.js'

/** Who froze, since when, why, and what ends it. */
export function sayFrozen({ reason, by, since }: FreezeState): string {
  const who = by ? ` by ${nameOf(by)}` : ''
  const when = since === undefined ? '' : ` since ${since.slice(0, 19).replace('T', ' ')}Z`
  return `frozen${who}${when}: ${reason}; slotwise unfreeze ends that (PUT /freeze, scope admin)`
}

/** A gate, or a refusal, for somebody who may not know who froze and why. */
export function withoutReason(text: string): string {
  const left = '$1; a token with the scope admin that is limited to no cluster ends that'
  return text.replace(/^((?:operations are )?frozen)\b.*/s, left)
}

/** Why a run waits that somebody holds, as it is now: a freeze may have ended meanwhile. */
export function sayHold(gate: string, frozen: FreezeState): string {
  if (gate !== FROZEN) return gate
  return frozen.on ? sayFrozen(frozen) : 'paused by a freeze that has ended; resume it'
}
