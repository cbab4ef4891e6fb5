/** What became of keys. `read` is the sum of all but `bytes`, which is of the values written. */
export const COUNTS = [
  'read',
  'written',
  'existing',
  'expired',
  'excluded',
  'tooBig',
  'unsupported',
  'failed',
  'bytes',
] as const

export type Count = (typeof COUNTS)[number]
/** How a key can end. */
export type Outcome = Exclude<Count, 'read' | 'bytes'>
export type Counts = Record<Count, number>

export function noCounts(): Counts {
  return Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts
}

export function addCounts(sum: Counts, more: Readonly<Counts>): void {
  for (const name of COUNTS) sum[name] += more[name]
}

/**
 * What a pass starts with that begins again: what was written then is found existing now, and must not count twice.
 * Until it has been found again this makes `existing` and `read` negative, which `shown` hides; and for good where it is
 * found again at another node.
 */
export function countsOfAgain(before: Readonly<Counts>, conflict: 'skip' | 'replace'): Counts {
  const { written, bytes } = before
  return conflict === 'replace' ? noCounts() : { ...noCounts(), written, bytes, existing: -written }
}

export function shown(counts: Readonly<Counts>): Counts {
  return Object.fromEntries(COUNTS.map((name) => [name, Math.max(0, counts[name])])) as Counts
}

/** Several as they are shown: what is negative in one is taken from the others, so that their sum is right. */
export function shownTogether(all: readonly Readonly<Counts>[]): Counts[] {
  const list = all.map(shown)
  for (const name of COUNTS) {
    let owed = all.reduce((sum, counts) => sum + Math.max(0, -counts[name]), 0)
    for (const counts of list) {
      const less = Math.min(owed, counts[name])
      counts[name] -= less
      owed -= less
    }
  }
  return list
}
