import type {
  Advice,
  Drift,
  Pressure,
  SampleSummary,
  SuggestedSpec,
  Unpersisted,
} from '../../contract/eviction.js'
import type { EvictionValues } from '../../contract/kinds/eviction-policy.js'
import type { Readout } from './readout.js'

/** What the rules look at. */
export interface Facts {
  /** Nodes that answered. */
  readonly readouts: readonly Readout[]
  readonly effective: EvictionValues
  readonly drift: readonly Drift[]
  readonly unpersisted: readonly Unpersisted[]
  readonly pressure: Pressure
  readonly sample?: { readonly summary: SampleSummary; readonly ageSeconds: number }
  /** Seconds since an operation here switched between LRU and LFU; absent when none is known. */
  readonly sinceSwitchSeconds?: number
}

/** What a rule found. */
export type Finding = Omit<Advice, 'rule' | 'spec'> & { readonly spec?: SuggestedSpec }

export interface Rule {
  readonly name: string
  readonly look: (facts: Facts) => Finding | undefined
}

/** A piece of evidence. */
export const shown = (
  figure: string,
  value: string | number,
  source: string,
): Advice['evidence'][number] => ({
  figure,
  value: String(value),
  source,
})

export function primariesOf({ readouts }: Facts): Readout[] {
  return readouts.filter(({ node }) => node.role === 'primary')
}

/** The policy of the primaries; where they disagree, the one that most have. */
export function policyOf(facts: Facts): string {
  const counts = new Map<string, number>()
  for (const { values } of primariesOf(facts))
    if (values.policy !== undefined) counts.set(values.policy, (counts.get(values.policy) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
}

/** Whether nothing is left that the policy may evict: a full node refuses writes then. */
export function evictsNothing(facts: Facts): boolean {
  const policy = policyOf(facts)
  return policy === 'noeviction' || (policy.startsWith('volatile-') && facts.pressure.expires === 0)
}

export const isLfu = (policy: string) => policy.endsWith('-lfu')

/** A rate that is not nothing. */
export const some = (rate: number | undefined): rate is number => rate !== undefined && rate > 0

export function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} %`
}

export function perSecond(rate: number): string {
  return `${rate < 10 ? Math.round(rate * 100) / 100 : Math.round(rate)} /s`
}

export function sayBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const value = bytes / 1024 ** power
  return `${value >= 100 || power === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${units[power]}`
}

export function sayTime(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}
