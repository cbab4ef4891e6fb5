/** Rules about the work of evicting, expiring and freeing. */
import { numberIn } from './readout.js'
import { percent, perSecond, policyOf, primariesOf, shown, some, type Rule } from './facts.js'

const lazyfree: Rule = {
  name: 'lazyfree-off',
  look({ effective, pressure }) {
    const off = (['lazyfreeEviction', 'lazyfreeExpire', 'lazyfreeServerDel'] as const).filter(
      (field) => effective[field] === false,
    )
    if (off.length === 0 || !(some(pressure.evictedPerSecond) || some(pressure.expiredPerSecond)))
      return undefined
    return {
      severity: 'suggestion',
      what: 'Large values are freed while clients wait',
      why: 'An evicted or expired value is freed in the main thread, however large; lazyfree does it aside.',
      evidence: [
        ...off.map((field) => shown(field, 'no', 'CONFIG GET lazyfree-lazy-*')),
        shown('evicted', perSecond(pressure.evictedPerSecond ?? 0), 'INFO evicted_keys'),
        shown('expired', perSecond(pressure.expiredPerSecond ?? 0), 'INFO expired_keys'),
      ],
      confidence: 'medium',
      todo: 'Switch lazyfree on; it is the default of Valkey 8 and later.',
      spec: Object.fromEntries(off.map((field) => [field, true])),
    }
  },
}

const samples: Rule = {
  name: 'samples',
  look(facts) {
    const count = facts.effective.samples
    const policy = policyOf(facts)
    if (count === undefined || !/-(lru|lfu|ttl|lrm)$/.test(policy) || (count >= 5 && count <= 10))
      return undefined
    const low = count < 5
    return {
      severity: low ? 'suggestion' : 'information',
      what: `maxmemory-samples ${count} is ${low ? 'low' : 'high'}`,
      why: low
        ? 'With so few samples eviction often takes keys that are in use.'
        : 'Above 10 the choice hardly gets better, and every eviction costs more CPU.',
      evidence: [
        shown('samples', count, 'CONFIG GET maxmemory-samples'),
        shown('policy', policy, 'CONFIG GET maxmemory-policy'),
      ],
      confidence: 'medium',
      todo: low ? 'Set 5, or 10 for a choice close to true LRU.' : 'Set 10.',
      spec: { samples: low ? 5 : 10 },
    }
  },
}

const expiredPileUp: Rule = {
  name: 'expired-keys-pile-up',
  look(facts) {
    const stale = Math.max(
      0,
      ...primariesOf(facts).map((readout) => numberIn(readout, 'expired_stale_perc') ?? 0),
    )
    const effort = facts.effective.activeExpireEffort
    if (stale < 10 || effort === undefined || effort >= 10) return undefined
    return {
      severity: 'suggestion',
      what: 'Expired keys pile up in memory',
      why: 'Keys whose time is over are found too slowly; they take memory for which others are evicted.',
      evidence: [
        shown('expired but still there', percent(stale / 100), 'INFO expired_stale_perc, an estimate'),
        shown('effort', effort, 'CONFIG GET active-expire-effort'),
      ],
      confidence: 'medium',
      todo: 'Raise active-expire-effort step by step and watch the latency.',
      spec: { activeExpireEffort: Math.min(10, effort + 2) },
    }
  },
}

export const workRules: readonly Rule[] = [lazyfree, samples, expiredPileUp]
