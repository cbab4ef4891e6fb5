/**
 * Redis counts every lookup among keyspace_hits and keyspace_misses, also those by which an operation looks at keys:
 * TYPE, PTTL, OBJECT and DUMP. What it looks at it has found before, so these are hits, and few clients use them.
 * Values that a warmup copies type by type are read as clients read them, and stay in.
 */
const LOOKS = 'type|pttl|dump|object[|].*'

/**
 * 0..1 of the lookups of clients, without those of operations; nothing where there are none.
 * @param matchers as they stand in the braces of a selector
 * @param by labels of the result, all together without any
 */
export function clientHitRatio(matchers: string, range: string, by: readonly string[] = []): string {
  const sum = (metric: string, more = '') =>
    `sum by (${by.join(', ')}) (rate(${metric}{${matchers}${more}}[${range}]))`
  const all = sum('redis_keyspace_hits_total')
  const looks = sum('redis_commands_total', `, cmd=~"${LOOKS}"`)
  const on = `on (${by.join(', ')})`
  const hits = `clamp_min(${all} - ${on} (${looks} or ${on} ${all} * 0), 0)`
  const misses = sum('redis_keyspace_misses_total')
  return `${hits} / ${on} (${hits} + ${on} ${misses} > 0)`
}
