import type { Family, Sample, Samples } from '../exposition/families.js'
import { ownFamily, type CollectOptions } from './table.js'

const dropped = ownFamily(
  'gauge',
  'slotwise_series_dropped',
  'Samples of a family that were left out because of --metrics.max-series.',
)

export const limitFamilies = [dropped]

/** Leaves out families that are not wanted, and what is beyond the limit of a family. */
export function applyLimits(samples: Samples, { keep, maxSeries = 0 }: CollectOptions): void {
  if (!keep && maxSeries === 0) return
  for (const [family, list] of samples.byFamily) {
    if (keep && !keep(family)) {
      samples.byFamily.delete(family)
    } else if (maxSeries > 0 && list.length > maxSeries) {
      const kept = list.slice(0, wholeUpTo(family, list, maxSeries))
      samples.byFamily.set(family, kept)
      samples.add(dropped, list.length - kept.length, [['family', family.name]])
    }
  }
}

/** A histogram or summary is kept whole or not at all: it ends with its count. */
function wholeUpTo(family: Family, list: readonly Sample[], most: number): number {
  if (family.type !== 'histogram' && family.type !== 'summary') return most
  for (let end = most; end > 0; end--) if (list[end - 1]!.suffix === '_count') return end
  return 0
}

/**
 * Makes the choice of families: one of `allow`, if there are any, and none of `deny`.
 * @param nameOf the whole name of a family
 */
export function familyFilter(
  { allow, deny }: { readonly allow: readonly RegExp[]; readonly deny: readonly RegExp[] },
  nameOf: (family: Family) => string,
): CollectOptions['keep'] | undefined {
  if (allow.length === 0 && deny.length === 0) return undefined
  const decided = new Map<Family, boolean>()
  return (family) => {
    let keep = decided.get(family)
    if (keep === undefined) {
      const name = nameOf(family)
      keep =
        (allow.length === 0 || allow.some((regex) => regex.test(name))) &&
        !deny.some((regex) => regex.test(name))
      decided.set(family, keep)
    }
    return keep
  }
}
