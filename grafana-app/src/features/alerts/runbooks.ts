/** Alerts of Slotwise's own rules; each has a runbook. */
const NAMES: readonly string[] = [
  'RedisClusterDown',
  'RedisEvictionDrift',
  'RedisEvictionFallsBehind',
  'RedisMemoryNearMaxmemory',
  'RedisNodeDown',
  'RedisNodeNotScraped',
  'RedisNodeRestarting',
  'RedisPrimaryWithoutReplica',
  'RedisSlotsNotCovered',
  'SlotwiseClusterUnobserved',
  'SlotwiseDiscoveryStale',
  'SlotwiseExporterDown',
  'Watchdog',
]

/** Where it says what an alert means and what to do; undefined for rules that are not Slotwise's. */
export function runbookOf(alert: string | undefined): string | undefined {
  return alert !== undefined && NAMES.includes(alert)
    ? `https://github.com/slotwise/slotwise/blob/main/alerts/runbooks/${alert}.md`
    : undefined
}
