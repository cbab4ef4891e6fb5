import type { Comparison } from '../../../contract/operations.js'
import { NodeError } from '../../../redis/errors.js'
import { count } from '../../figures.js'
import { Cancelled, type Ending } from '../../kind.js'
import { Forbidden } from './node-link.js'
import type { Counts } from './state.js'
import type { Counted } from './verify.js'

/**
 * What an error that ended the run comes to.
 * @param done what became of the keys until then, in words
 * @throws what nobody foresaw
 */
export function endOf(error: unknown, done: string): Ending {
  if (error instanceof Cancelled)
    return { state: 'cancelled', summary: `cancelled: ${done}; nothing is undone` }
  if (error instanceof Forbidden || error instanceof NodeError)
    return {
      state: 'needs-attention',
      summary: `stopped before the end: ${error.message}; ${done}; mend that and plan again`,
    }
  throw error
}

/** What a run that came to its verification ends as, in words. */
export function endingOf({
  sum,
  unknown,
  found,
  counted,
  limited,
}: {
  readonly sum: Readonly<Counts>
  /** Keys of which nobody knows whether they were unlinked. */
  readonly unknown: number
  /** Keys that were left out. */
  readonly found: Comparison
  readonly counted: Pick<Counted, 'matching' | 'missed'>
  /** A cap ended it. */
  readonly limited: boolean
}): Ending {
  const { checked, same, gone, missing } = found
  const proof =
    checked === 0
      ? 'no key that was left out was looked at again'
      : `${count(same)} of ${count(checked)} left out are still there${gone > 0 ? `, ${count(gone)} have expired or may have been evicted` : ''}`
  const { matching, missed = 0 } = counted
  const left = matching === 0 ? 'none match any more' : `${count(matching)} match now`
  const reached = unknown > 0 ? 'the cap is used up by reservations: ' : 'the limit is reached: '
  const summary = `${limited ? reached : ''}${tell(sum, unknown)}; ${proof}; ${left}`
  if (missing > 0)
    return {
      state: 'needs-attention',
      summary: `${summary}; ${count(missing)} that were left out are not there: see comparison.examples; where clients delete keys this is to be expected, else stop and find out who did`,
    }
  if (limited && unknown > 0 && matching > 0)
    return {
      state: 'needs-attention',
      summary: `${summary}; the cap may not have been reached: look how many there are, and plan again for the rest`,
    }
  if (missed > 0 && !limited)
    return {
      state: 'needs-attention',
      summary: `${summary}, ${count(missed)} of them as they were when it began; plan again for these`,
    }
  return {
    state: 'succeeded',
    summary: matching > 0 && !limited ? `${summary}: written, or come to match, since it began` : summary,
  }
}

/**
 * What became of the keys, in words.
 * @param unknown keys of which nobody knows whether they were unlinked
 */
export function tell({ evicted, kept, bytes }: Readonly<Counts>, unknown: number): string {
  const left = kept > 0 ? `, ${count(kept)} matched the pattern but not the rest and were left` : ''
  if (unknown > 0)
    return `at least ${count(evicted)} keys unlinked (${count(bytes)} bytes), at most ${count(evicted + unknown)}: a process or a connection ended before all was told${left}`
  return `${count(evicted)} keys unlinked (${count(bytes)} bytes)${left}`
}
