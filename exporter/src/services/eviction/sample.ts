import type { Histogram, SampleSummary } from '../../contract/eviction.js'

/** One key that was looked at; what could not be had is absent. */
export interface SampledKey {
  /** Milliseconds; -1: none. */
  readonly ttlMs: number
  readonly bytes?: number
  readonly idleSeconds?: number
  readonly frequency?: number
}

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400]
const BOUNDS = {
  ttlSeconds: [0, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY],
  idleSeconds: [0, 10, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY],
  frequency: [0, 1, 5, 10, 25, 50, 100, 200],
  bytes: [0, 64, 128, 256, 1024, 4096, 16_384, 65_536, 1_048_576],
} as const

/** How many values are in [bound, next bound); the last has no end. */
export function histogramOf(values: readonly number[], bounds: readonly number[]): Histogram {
  return bounds.map((from, i) => {
    const to = bounds[i + 1] ?? null
    return { from, to, keys: values.filter((value) => value >= from && (to === null || value < to)).length }
  })
}

/** 1.96 standard deviations of a share of one half, in points: 9,604 keys give 1. */
export function marginOf(keys: number, of: number): number {
  if (keys === 0) return 100
  // Whoever has looked at many of few keys knows more than the square root says.
  const finite = of > keys ? Math.sqrt((of - keys) / Math.max(1, of - 1)) : 1
  return Math.round(((1.96 * 0.5) / Math.sqrt(keys)) * 100 * finite * 10) / 10
}

export function summarize(
  keys: readonly SampledKey[],
  { of, from, note }: { readonly of: number; readonly from: readonly string[]; readonly note?: string },
): SampleSummary {
  const had = <T>(pick: (key: SampledKey) => T | undefined) => keys.flatMap((key) => pick(key) ?? [])
  const sizes = had(({ bytes }) => bytes)
  const idle = had(({ idleSeconds }) => idleSeconds)
  const frequencies = had(({ frequency }) => frequency)
  const ttls = had(({ ttlMs }) => (ttlMs >= 0 ? ttlMs / 1000 : undefined))
  return {
    keys: keys.length,
    of,
    marginPercent: marginOf(keys.length, of),
    withTtl: keys.length === 0 ? 0 : ttls.length / keys.length,
    meanBytes: sizes.length === 0 ? 0 : Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length),
    ttlSeconds: histogramOf(ttls, BOUNDS.ttlSeconds),
    bytes: histogramOf(sizes, BOUNDS.bytes),
    ...(idle.length > 0 && { idleSeconds: histogramOf(idle, BOUNDS.idleSeconds) }),
    ...(frequencies.length > 0 && { frequency: histogramOf(frequencies, BOUNDS.frequency) }),
    ...(note !== undefined && { note }),
    from: [...from],
  }
}

/** How many keys of each shard, in proportion to what it holds; at least one of each that holds any. */
export function sharesOf(keys: readonly number[], total: number): number[] {
  const all = keys.reduce((sum, count) => sum + count, 0)
  if (all === 0) return keys.map(() => 0)
  const wanted = Math.min(total, all)
  return keys.map((count) => (count === 0 ? 0 : Math.max(1, Math.round((wanted * count) / all))))
}
