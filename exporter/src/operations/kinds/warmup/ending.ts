import type { Comparison } from '../../../contract/operations.js'
import { NodeError } from '../../../redis/errors.js'
import { count } from '../../figures.js'
import { Cancelled, type Ending } from '../../kind.js'
import { shown, type Counts } from './counts.js'
import { FileChanged } from './file-copy.js'
import { FileRefused } from './files.js'
import { Forbids } from './source-readout.js'
import { Forbidden } from './target.js'

/** What an error that ended the run comes to. @throws what nobody foresaw */
export function endOf(error: unknown): Ending {
  if (error instanceof Cancelled)
    return {
      state: 'cancelled',
      summary: 'cancelled while it was not copying; nothing is undone',
    }
  if (error instanceof Forbidden) return { state: 'failed', summary: error.message }
  const foreseen = [FileChanged, FileRefused, Forbids, NodeError].some((kind) => error instanceof kind)
  if (!foreseen) throw error
  const { message } = error as Error
  return { state: 'needs-attention', summary: `stopped before the end: ${message}; mend that and plan again` }
}

/**
 * What a run that came to its comparison ends as, in words.
 * @param refused the first refusal of the target, if there was one
 */
export function endingOf(
  { different, missing, checked, same }: Comparison,
  {
    sum,
    doubt,
    limited,
    refused,
  }: {
    readonly sum: Counts
    readonly doubt: number
    readonly limited: boolean
    readonly refused: string
  },
): Ending {
  const { failed } = shown(sum)
  const proof =
    checked === 0 ? 'nothing was compared' : `${count(same)} of ${count(checked)} compared are the same`
  const reached =
    doubt > 0 ? 'the limit is used up with what may have been written: ' : 'the limit is reached: '
  const summary = `${limited ? reached : ''}${tell(sum, doubt)}; ${proof}`
  if (failed > 0)
    return {
      state: 'needs-attention',
      summary: `${summary}; ${count(failed)} keys were refused by the target, the first with: ${refused}; mend that and run a warmup again`,
    }
  if (different + missing > 0)
    return {
      state: 'needs-attention',
      summary: `${summary}, ${count(different)} differ, ${count(missing)} are missing: see comparison.examples; where clients write to the target this is to be expected, else run a warmup again with conflict: replace`,
    }
  if (limited && doubt > 0)
    return {
      state: 'needs-attention',
      summary: `${summary}; the limit may not have been reached: look how many there are, and plan again for the rest`,
    }
  return { state: 'succeeded', summary }
}

/**
 * What became of the keys, in words.
 * @param doubt so many more, at most, were written; they count as there already, if at all
 */
export function tell(sum: Counts, doubt: number): string {
  const { written, existing, expired, excluded, tooBig, unsupported } = shown(sum)
  const rest = Object.entries({ expired, excluded, 'too big': tooBig, unsupported })
    .filter(([, keys]) => keys > 0)
    .map(([name, keys]) => `, ${count(keys)} ${name}`)
  if (doubt > 0)
    return `at least ${count(written)} keys written, at most ${count(written + doubt)}, and ${count(Math.max(0, existing - doubt))} to ${count(existing)} were there already: a process or a connection ended before all was told${rest.join('')}`
  return `${count(written)} keys written, ${count(existing)} were there already${rest.join('')}`
}
