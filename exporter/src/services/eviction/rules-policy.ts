/** Rules about which policy it should be. */
import type { Histogram, SampleSummary } from '../../contract/eviction.js'
import { isLfu, percent, perSecond, policyOf, sayTime, shown, some, type Facts, type Rule } from './facts.js'

/** Below this share of keys with a TTL a volatile policy has too few to choose from. */
const FEW_TTLS = 0.1
/** Keys whose age was random because of a switch have been used again after that, mostly. */
export const SETTLE_SECONDS = 6 * 3600
/** A sample says less about now than it did. */
const OLD_SAMPLE_SECONDS = 3600
const HITS_ARE_GOOD = 0.8

/** Keys with a TTL, as INFO keyspace counts them; 1 where there are no keys. */
function ttlShare({ pressure: { keys = 0, expires = 0 } }: Facts): number {
  return keys === 0 ? 1 : expires / keys
}

const ttlEvidence = ({ pressure: { keys = 0, expires = 0 } }: Facts) =>
  shown('keys with a TTL', `${expires} of ${keys} (${percent(expires / keys)})`, 'INFO keyspace, primaries')
const refusedEvidence = ({ pressure: { rejectedPerSecond, spanSeconds = 0 } }: Facts) =>
  some(rejectedPerSecond)
    ? [
        shown(
          'refused writes',
          `${perSecond(rejectedPerSecond)} over ${sayTime(spanSeconds)}`,
          'INFO errorstats: errorstat_OOM',
        ),
      ]
    : []
const policyEvidence = (facts: Facts) => shown('policy', policyOf(facts), 'CONFIG GET maxmemory-policy')

const allKeys = (policy: string) =>
  policy.replace('volatile-ttl', 'volatile-lru').replace('volatile-', 'allkeys-')

const volatileWithoutTtls: Rule = {
  name: 'volatile-without-ttls',
  look(facts) {
    const policy = policyOf(facts)
    const { keys = 0, expires = 0 } = facts.pressure
    if (!policy.startsWith('volatile-') || keys === 0 || expires > 0) return undefined
    const to = allKeys(policy)
    return {
      severity: 'warning',
      what: `${policy} with no TTLs is noeviction`,
      why: some(facts.pressure.rejectedPerSecond)
        ? 'It evicts only keys that have a time to live, and no key has one: writes are refused, clients get OOM errors.'
        : 'It evicts only keys that have a time to live, and no key has one: a full node refuses writes.',
      evidence: [policyEvidence(facts), ttlEvidence(facts), ...refusedEvidence(facts)],
      confidence: 'high',
      todo: `Set ${to} if this is a cache, give the keys TTLs, or set noeviction if nothing may be lost, so that it says what it does.`,
      spec: { policy: to as 'allkeys-lru' },
    }
  },
}

const allkeysOverVolatile: Rule = {
  name: 'allkeys-over-volatile',
  look(facts) {
    const policy = policyOf(facts)
    const share = ttlShare(facts)
    if (!policy.startsWith('volatile-') || share === 0 || share >= FEW_TTLS) return undefined
    const to = allKeys(policy)
    return {
      severity: 'suggestion',
      what: `${to} instead of ${policy}`,
      why: 'So few keys have a TTL that eviction has little to choose from: it takes keys in use, and once they are gone writes are refused.',
      evidence: [policyEvidence(facts), ttlEvidence(facts)],
      confidence: 'medium',
      todo: `Set ${to} unless keys without a TTL must not be lost.`,
      spec: { policy: to as 'allkeys-lru' },
    }
  },
}

const noevictionRejects: Rule = {
  name: 'noeviction-rejects-writes',
  look(facts) {
    if (policyOf(facts) !== 'noeviction' || !some(facts.pressure.rejectedPerSecond)) return undefined
    const share = ttlShare(facts)
    return {
      severity: 'warning',
      what: 'Writes are refused for want of memory',
      why: 'The policy is noeviction and the limit is reached: clients get OOM errors.',
      evidence: [
        policyEvidence(facts),
        ...refusedEvidence(facts),
        ...(facts.pressure.keys ? [ttlEvidence(facts)] : []),
      ],
      confidence: 'high',
      todo: 'If this is a cache, set allkeys-lru; if it is a store, raise maxmemory, add shards or delete keys.',
      ...(share >= FEW_TTLS && facts.pressure.keys
        ? { spec: { policy: 'volatile-lru' } }
        : { spec: { policy: 'allkeys-lru' } }),
    }
  },
}

const settling: Rule = {
  name: 'settling-after-switch',
  look({ sinceSwitchSeconds }) {
    if (sinceSwitchSeconds === undefined || sinceSwitchSeconds > SETTLE_SECONDS) return undefined
    return {
      severity: 'information',
      what: 'Eviction is settling after a switch between LRU and LFU',
      why: 'Both keep what they know of a key in the same bits. Until a key is used again its age is random, so keys in use may be evicted.',
      evidence: [
        shown('since the switch', sayTime(sinceSwitchSeconds), 'the operation that changed maxmemory-policy'),
      ],
      confidence: 'high',
      todo: `Judge the hit ratio only after ${sayTime(SETTLE_SECONDS)} or so, and do not switch back before. Idle times and frequencies are left out of samples until then.`,
    }
  },
}

/** Share of the keys in the buckets below a bound. */
function shareBelow(histogram: Histogram, bound: number): number {
  const all = histogram.reduce((sum, { keys }) => sum + keys, 0)
  const below = histogram
    .filter(({ to }) => to !== null && to <= bound)
    .reduce((sum, { keys }) => sum + keys, 0)
  return all === 0 ? 0 : below / all
}

/** Reads of each key that was used within a minute: many for few keys is what LFU is made for. */
export function readsOfHotKeys(
  { idleSeconds, of }: Pick<SampleSummary, 'idleSeconds' | 'of'>,
  readsPerSecond: number,
): { hotShare: number; readsEach: number } | undefined {
  if (!idleSeconds) return undefined
  const hotShare = shareBelow(idleSeconds, 60)
  return hotShare === 0 ? undefined : { hotShare, readsEach: (readsPerSecond * 60) / (hotShare * of) }
}

const lfuWhenSkewed: Rule = {
  name: 'lfu-when-skewed',
  look(facts) {
    const { sample, pressure } = facts
    const policy = policyOf(facts)
    if (!policy.endsWith('-lru') || !sample || !some(pressure.readsPerSecond)) return undefined
    const hot = readsOfHotKeys(sample.summary, pressure.readsPerSecond)
    if (!hot || hot.hotShare > 0.2 || hot.readsEach < 10) return undefined
    const to = policy.replace('-lru', '-lfu') as 'allkeys-lfu'
    return {
      severity: 'suggestion',
      what: `${to} would protect the keys that are read most`,
      why: 'Few keys get most of the reads. LRU forgets that as soon as a scan or a burst of new keys passes through; LFU keeps what is read again and again.',
      evidence: [
        shown(
          'keys used within a minute',
          percent(hot.hotShare),
          `OBJECT IDLETIME of ${sample.summary.keys} keys`,
        ),
        shown(
          'reads of each of them',
          `${Math.round(hot.readsEach)} a minute`,
          'INFO keyspace_hits and _misses over those keys',
        ),
        ...(some(pressure.evictedPerSecond)
          ? [shown('evictions', perSecond(pressure.evictedPerSecond), 'INFO evicted_keys')]
          : []),
      ],
      confidence:
        some(pressure.evictedPerSecond) && sample.ageSeconds < OLD_SAMPLE_SECONDS ? 'medium' : 'low',
      todo: `Try ${to} and compare the hit ratio some hours later: right after the switch eviction is nearly random.`,
      spec: { policy: to },
    }
  },
}

const lfuIsFlat: Rule = {
  name: 'lfu-is-flat',
  look(facts) {
    const { sample } = facts
    const histogram = sample?.summary.frequency
    if (!isLfu(policyOf(facts)) || !sample || !histogram) return undefined
    const low = shareBelow(histogram, 10)
    if (low < 0.99) return undefined
    const to = policyOf(facts).replace('-lfu', '-lru') as 'allkeys-lru'
    return {
      severity: 'suggestion',
      what: 'LFU finds no key that is read much more than others',
      why: 'Nearly all counters are low, so it evicts as if at random among them.',
      evidence: [
        shown('keys with a counter below 10', percent(low), `OBJECT FREQ of ${sample.summary.keys} keys`),
      ],
      confidence: 'low',
      todo: `If keys are read evenly, ${to} fits better; if they are read seldom, a larger lfu-decay-time keeps counters longer.`,
      spec: { policy: to },
    }
  },
}

const tooSmall: Rule = {
  name: 'evicted-before-expiry',
  look({ pressure: { evictedPerSecond, expiredPerSecond = 0, hitRatio, spanSeconds = 0 } }) {
    if (!some(evictedPerSecond) || evictedPerSecond <= expiredPerSecond) return undefined
    if (hitRatio === undefined || hitRatio >= HITS_ARE_GOOD) return undefined
    return {
      severity: 'suggestion',
      what: 'Keys are evicted before they expire, and lookups miss',
      why: 'More keys leave by eviction than by their TTL while many lookups find nothing: the working set may be larger than the memory.',
      evidence: [
        shown('evicted', perSecond(evictedPerSecond), `INFO evicted_keys over ${sayTime(spanSeconds)}`),
        shown('expired', perSecond(expiredPerSecond), `INFO expired_keys over ${sayTime(spanSeconds)}`),
        shown('hit ratio', percent(hitRatio), 'INFO keyspace_hits and _misses'),
      ],
      confidence: spanSeconds >= 600 ? 'medium' : 'low',
      todo: 'Raise maxmemory or add shards, and see whether the hit ratio follows; misses of keys that never existed do not go away by it.',
    }
  },
}

export const policyRules: readonly Rule[] = [
  volatileWithoutTtls,
  noevictionRejects,
  allkeysOverVolatile,
  settling,
  lfuWhenSkewed,
  lfuIsFlat,
  tooSmall,
]
