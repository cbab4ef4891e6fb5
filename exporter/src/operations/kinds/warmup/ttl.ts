import type { WarmupSpec } from '../../../contract/kinds/warmup.js'

/** What PTTL answers for a key that never expires. */
export const NO_TTL = -1
/** What PTTL answers for a key that is not there. */
export const NO_KEY = -2

/** Clocks of servers tick in milliseconds, and a command can wait a little between two readings. */
const SLACK_MS = 5

/**
 * Whether two readings of PTTL around the reading of a value belong to one life of the key: both say the same end,
 * or that there is none. Else the value may be of another life than its TTL, and both have to be read again.
 * @param elapsedMs the most that can have passed between the two
 */
export function sameLife(beforeMs: number, afterMs: number, elapsedMs: number): boolean {
  if (beforeMs < 0 || afterMs < 0) return beforeMs === afterMs
  const passed = beforeMs - afterMs
  return passed >= -SLACK_MS && passed <= elapsedMs + SLACK_MS
}

/**
 * The TTL that a copy gets: never longer than the source's, so that nothing outlives it there.
 * @param random in [0, 1)
 * @returns ms, at least 1; NO_TTL for none
 */
export function copiedTtl(
  ttlMs: number,
  { jitterPercent, maxSeconds }: WarmupSpec['ttl'],
  random: () => number,
): number {
  const limit = maxSeconds === undefined ? Infinity : maxSeconds * 1000
  const capped = Math.min(ttlMs < 0 ? Infinity : ttlMs, limit)
  if (capped === Infinity) return NO_TTL
  const spread = jitterPercent === 0 ? 1 : 1 - (jitterPercent / 100) * random()
  return Math.max(1, Math.round(capped * spread))
}

/** Between reading the one side and the other, and for clocks that drift. */
const TOLERANCE_MS = 2000

/**
 * Whether the TTL of a copy is what it should be.
 * @param sourceMs what the source has left now; negative: it never expires there
 * @param targetMs the same of the copy
 * @param ageMs how long ago it may have been copied at most
 */
export function ttlFits(
  sourceMs: number,
  targetMs: number,
  { jitterPercent, maxSeconds }: WarmupSpec['ttl'],
  ageMs: number,
): boolean {
  const limit = maxSeconds === undefined ? Infinity : maxSeconds * 1000
  const source = sourceMs < 0 ? Infinity : sourceMs
  if (source === Infinity && limit === Infinity) return targetMs < 0
  if (targetMs < 0) return false
  if (targetMs > Math.min(source, limit) + TOLERANCE_MS) return false
  const spread = 1 - jitterPercent / 100
  const atLeast =
    source + ageMs <= limit
      ? source * spread - ageMs * (jitterPercent / 100)
      : Math.min(source, limit) * spread - ageMs
  return targetMs >= atLeast - TOLERANCE_MS
}
