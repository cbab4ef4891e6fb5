interface OwnRule {
  readonly severity: 'page' | 'ticket' | 'none'
  /** What it notices, as it ends the sentence “nobody is told when …”. */
  readonly notices: string
}

/** Alerts of Slotwise's own rules; each has a runbook. */
export const RULES: Readonly<Record<string, OwnRule>> = {
  RedisClusterDown: { severity: 'page', notices: 'the cluster refuses its clients, or no node answers' },
  RedisSlotsNotCovered: { severity: 'page', notices: 'slots have no owner that works' },
  RedisNodeDown: { severity: 'page', notices: 'a node does not answer' },
  RedisMemoryNearMaxmemory: { severity: 'page', notices: 'a node that may not evict is nearly full' },
  RedisPrimaryWithoutReplica: { severity: 'ticket', notices: 'a shard has lost its replicas' },
  RedisNodeRestarting: { severity: 'ticket', notices: 'a node restarts again and again' },
  RedisNodeNotScraped: { severity: 'ticket', notices: 'Prometheus has no data of a node' },
  RedisEvictionFallsBehind: { severity: 'ticket', notices: 'a node is filled faster than it evicts' },
  RedisEvictionDrift: { severity: 'ticket', notices: 'nodes disagree about how to evict' },
  SlotwiseExporterDown: {
    severity: 'page',
    notices: 'the exporter is down, and with it everything is unseen',
  },
  SlotwiseDiscoveryStale: { severity: 'ticket', notices: 'the topology is not read any more' },
  SlotwiseEventLogDown: {
    severity: 'ticket',
    notices: 'the event log takes nothing, so nothing can be changed',
  },
  SlotwiseClusterUnobserved: { severity: 'none', notices: 'an exporter’s outage blinds the others of these' },
  Watchdog: { severity: 'none', notices: 'alerting itself is broken: it always fires' },
}

/** Checks of the health service and the rule that tells of the same. */
export const RULE_OF_CHECK: Readonly<Record<string, string>> = {
  nodes_reachable: 'RedisNodeDown',
  no_node_failing: 'RedisNodeDown',
  slots_covered: 'RedisSlotsNotCovered',
  primaries_have_replicas: 'RedisPrimaryWithoutReplica',
  memory_headroom: 'RedisMemoryNearMaxmemory',
  same_configuration: 'RedisEvictionDrift',
}

/** Where it says what an alert means and what to do; undefined for rules that are not Slotwise's. */
export function runbookOf(alert: string | undefined): string | undefined {
  return alert !== undefined && Object.hasOwn(RULES, alert)
    ? `https://github.com/slotwise/slotwise/blob/main/alerts/runbooks/${alert}.md`
    : undefined
}
