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
 * Until it has been found again this makes `existing` and `read` negative, which `shown` hides.
 */
export function countsOfAgain(before: Readonly<Counts>, conflict: 'skip' | 'replace'): Counts {
  const { written, bytes } = before
  return conflict === 'replace' ? noCounts() : { ...noCounts(), written, bytes, existing: -written }
}

export function shown(counts: Readonly<Counts>): Counts {
  return Object.fromEntries(COUNTS.map((name) => [name, Math.max(0, counts[name])])) as Counts
}
