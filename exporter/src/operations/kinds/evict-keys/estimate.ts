import type { Estimated } from '../../../contract/kinds/evict-keys.js'

/** Of the normal distribution, for 95 %. */
const Z = 1.96

/**
 * How many of `total` keys match when `matched` of `looked` did, with Wilson's interval: it holds where few or none
 * matched, too. https://www.tandfonline.com/doi/abs/10.1080/01621459.1927.10502953
 */
export function estimateKeys(matched: number, looked: number, total: number): Estimated {
  if (looked === 0) return { value: 0, low: 0, high: total }
  const share = matched / looked
  const spread = Z ** 2 / looked
  const centre = (share + spread / 2) / (1 + spread)
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / looked + spread / (4 * looked))
  return {
    value: Math.round(total * share),
    // Not fewer than were seen, and not more than are left when those that did not match are taken away.
    low: Math.round(Math.max(matched, total * (centre - half))),
    high: Math.round(Math.min(total - (looked - matched), total * (centre + half))),
  }
}

/**
 * How many bytes they take together, from the sizes of those that matched: what is not sure about their number, and
 * about their mean.
 */
export function estimateBytes(sizes: readonly number[], keys: Estimated): Estimated {
  if (sizes.length === 0) return { value: 0, low: 0, high: 0 }
  const mean = sum(sizes) / sizes.length
  const variance = sum(sizes.map((size) => (size - mean) ** 2)) / Math.max(1, sizes.length - 1)
  const half = Z * Math.sqrt(variance / sizes.length)
  return {
    value: Math.round(keys.value * mean),
    low: Math.round(keys.low * Math.max(0, mean - half)),
    high: Math.round(keys.high * (mean + half)),
  }
}

/** Of several shards together. The shards were looked at apart, so their errors add up as squares. */
export function addEstimates(all: readonly Estimated[]): Estimated {
  const value = sum(all.map((one) => one.value))
  const off = (bound: 'low' | 'high') => Math.sqrt(sum(all.map((one) => (one[bound] - one.value) ** 2)))
  return { value, low: Math.max(0, Math.round(value - off('low'))), high: Math.round(value + off('high')) }
}

export const exactly = (value: number): Estimated => ({ value, low: value, high: value })

/** What one process and one cluster manage without a limit, keys a second: an estimate has to start somewhere. */
const UNLIMITED_KEYS_PER_SECOND = 150_000

/** @param looked keys that have to be looked at; at most so fast as this, too */
export function estimateSeconds(
  { keys, bytes, looked }: { readonly keys: number; readonly bytes: number; readonly looked: number },
  rate: { readonly keysPerSecond?: number | undefined; readonly bytesPerSecond?: number | undefined },
): number {
  const { keysPerSecond = Infinity, bytesPerSecond = Infinity } = rate
  return Math.max(
    1,
    Math.ceil(Math.max(keys / keysPerSecond, bytes / bytesPerSecond, looked / UNLIMITED_KEYS_PER_SECOND)),
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
