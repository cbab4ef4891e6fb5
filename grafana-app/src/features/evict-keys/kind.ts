import type { EvictKeysSpec, Plan } from '../../api/contract'
import type { ActionKind } from '../operations/kind'
import { count, counted } from '../operations/text'
import { EvictKeysForm } from './EvictKeysForm'
import { EvictKeysReview } from './EvictKeysReview'
import { isEverything, sayCriteria } from './spec'

const specOf = ({ spec }: Pick<Plan, 'spec'>) => spec as Partial<EvictKeysSpec>

/** Unlinks keys by criteria. */
export const evictKeys: ActionKind = {
  name: 'evict-keys',
  noun: 'eviction of keys',
  article: 'an',
  looksAt: 'keys of every primary are looked at, without making them look used.',
  unit: 'keys',
  paced: true,
  Form: EvictKeysForm,
  Review: EvictKeysReview,
  say: (_, value) => value,
  action: (plan) =>
    `Evict ${plan.details?.exact === false ? 'about ' : ''}${counted(plan.counts?.keys ?? 0, 'key')} from ${plan.cluster}`,
  subject: (plan) => `Keys that ${sayCriteria(specOf(plan))}.`,
  dangers: (plan) => [
    'What is evicted is gone: there is no undo',
    ...(isEverything(specOf(plan).match ?? '') ? [`The pattern is every key of ${plan.cluster}`] : []),
  ],
  undoing: ({ cluster }) =>
    `There is no undo. Keys come back only from where ${cluster} is filled: by its clients, or by a warmup. Cancelling stops it; what was unlinked stays gone.`,
  cancelling: 'What was unlinked stays gone. The rest is left alone; the same plan can be made again.',
  compared: {
    title: 'Keys that were left out',
    none: 'No key that was left out was looked at again',
    right: (checked) =>
      `All ${counted(checked, 'key')} that were left out and looked at again are there, or expired`,
    wrong: (wrong, checked) =>
      `${counted(wrong, 'key')} of ${count(checked)} that were left out ${wrong === 1 ? 'is' : 'are'} not there any more`,
    labels: {
      checked: 'Looked at again',
      same: 'Still there',
      missing: 'Missing',
      gone: 'Expired, or evicted by the node',
    },
  },
  next({ state, counts = {}, cluster }) {
    const { evicted: least = 0, unknown = 0 } = counts
    const most = least + unknown
    const evicted = unknown > 0 ? `${count(least)} to ${count(most)}` : count(least)
    switch (state) {
      case 'succeeded':
        return most === 0
          ? `nothing: no key of ${cluster} met the criteria.`
          : `watch memory and hit ratio of ${cluster} for a while: the ${evicted} keys that are gone are missed by whoever looks for them.`
      case 'cancelled':
        return `the ${evicted} keys that were unlinked are gone. Make the same plan again for the rest.`
      default:
        return 'look at what the summary names, mend it, then make the same plan again for the rest.'
    }
  },
}
