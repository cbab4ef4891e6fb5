import type { Labels, Samples } from '../exposition/families.js'
import { ownFamily } from './table.js'

/** What the canary measured: how long nodes take to answer, as a client sees it. */
const latency = ownFamily(
  'histogram',
  'slotwise_canary_latency_seconds',
  'Seconds from sending a command of the canary to its answer, over a connection that is kept (--canary).',
)
const failures = ownFamily(
  'counter',
  'slotwise_canary_failures_total',
  'Commands of the canary that got no answer in time, or an error.',
)

export const canaryFamilies = [latency, failures]

/** Upper bounds of the buckets; seconds. */
export const CANARY_BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
] as const

/** What was measured of one command on one node. */
export interface CanaryFacts {
  /** Without, for a single node. */
  readonly instance?: string
  /** `ping`, `set` or `get`. */
  readonly command: string
  /** Answers by the bucket that they fall into, the last one beyond the last bound. */
  readonly counts: readonly number[]
  readonly sumSeconds: number
  readonly failures: number
}

export function collectCanary(facts: readonly CanaryFacts[], samples: Samples): void {
  for (const { instance, command, counts, sumSeconds, failures: failed } of facts) {
    const labels: Labels = [
      ...(instance === undefined ? [] : [['instance', instance] as const]),
      ['command', command],
    ]
    let upTo = 0
    for (const [i, count] of counts.entries()) {
      upTo += count
      const bound = CANARY_BOUNDS[i]
      samples.add(latency, upTo, [...labels, ['le', bound === undefined ? '+Inf' : String(bound)]], '_bucket')
    }
    samples.add(latency, sumSeconds, labels, '_sum')
    samples.add(latency, upTo, labels, '_count')
    samples.add(failures, failed, labels)
  }
}
