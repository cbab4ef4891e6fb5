import type { Plan, WarmupSpec } from '../../api/contract'
import type { ActionKind } from '../operations/kind'
import { count, counted } from '../operations/text'
import { newKeys } from './details'
import { saySource } from './sources'
import { WarmupForm } from './WarmupForm'
import { WarmupReview } from './WarmupReview'

const specOf = ({ spec }: Pick<Plan, 'spec'>) => spec as Partial<WarmupSpec>

/** Copies keys into a cluster. */
export const warmup: ActionKind = {
  name: 'warmup',
  noun: 'warmup',
  article: 'a',
  looksAt: 'the source is sampled, and every primary of the target is asked how much room it has.',
  unit: 'keys',
  paced: true,
  Form: WarmupForm,
  Review: WarmupReview,
  say: (_, value) => value,
  action: (plan) => {
    const { keys, fewer } = newKeys(plan)
    const about = plan.details?.exact === false || fewer ? 'about ' : ''
    return `Warm ${about}${counted(keys, fewer ? 'new key' : 'key')} into ${plan.cluster}`
  },
  subject: (plan) => `From ${saySource(specOf(plan).source)}.`,
  dangers(plan) {
    const { conflict, restore, source } = specOf(plan)
    return [
      ...(conflict === 'replace'
        ? [`Keys that are in ${plan.cluster} already are overwritten with those of ${saySource(source)}`]
        : []),
      ...(restore === 'trusted'
        ? ['RESTORE is trusted: the source must be yours, since known faults of RESTORE may be open']
        : []),
    ]
  },
  undoing: ({ cluster, spec }) =>
    (spec as Partial<WarmupSpec>).conflict === 'replace'
      ? `There is no undo: what is overwritten in ${cluster} is gone. Cancelling stops it; what was written stays.`
      : `Keys that are in ${cluster} already stay as they are, and nothing is ever evicted for it. Cancelling stops it; what was written stays. There is no undo: keys are taken away again by their TTL, by eviction, or by deleting them.`,
  cancelling: 'What was written stays. Nothing is deleted; the same plan can be made again.',
  next({ state, counts = {}, cluster }) {
    const written = count(counts.written ?? 0)
    switch (state) {
      case 'succeeded':
        return (counts.written ?? 0) === 0
          ? `nothing: ${cluster} had every key already.`
          : `watch the hit ratio of ${cluster} rise as clients find the ${written} new keys.`
      case 'cancelled':
        return `the ${written} keys that were written stay. Make the same plan again to copy the rest.`
      case 'failed':
        return 'mend what the summary names, then make the same plan again to copy the rest.'
      default:
        return 'look at what the comparison found, mend what the summary names, then make the same plan again.'
    }
  },
}
