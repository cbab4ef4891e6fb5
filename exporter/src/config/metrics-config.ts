import { collectorNames, type CollectorName } from './collector-options.js'
import type { Resolver } from './resolver.js'

/** What is asked of a node and what becomes of it. */
export interface MetricsConfig {
  readonly namespace: string
  readonly clusterLabel: string
  /** Collectors that are on. */
  readonly collectors: ReadonlySet<string>
  /** Every one that matches one of `allow` (when there are any) and none of `deny`; over the whole name. */
  readonly allow: readonly RegExp[]
  readonly deny: readonly RegExp[]
  /** Samples a family and node; 0: no limit. */
  readonly maxSeries: number
  readonly unknownFields: boolean
  readonly slotStats: number
  readonly system: boolean
  readonly emptyDatabases: boolean
  readonly configMetrics: boolean
  readonly redactConfig: boolean
  /** Empty: the node has no such command. */
  readonly configCommand: string
  readonly rdbFileSize: boolean
  readonly clientPort: boolean
  readonly searchIndexes: RegExp
  readonly sentinelPeers: boolean
  readonly roleLabel: boolean
  readonly ping: boolean
  readonly redisOnly: boolean
  readonly runtime: boolean
}

export function metricsConfig(from: Resolver): MetricsConfig {
  const command = from.text('config-command')
  return {
    namespace: from.matching(
      'namespace',
      /^[a-zA-Z_]?[a-zA-Z0-9_]*$/,
      'a metric name prefix (letters, digits, underscores)',
    ),
    clusterLabel: from.matching('metrics.cluster-label', /^[a-zA-Z_][a-zA-Z0-9_]*$/, 'a label name'),
    collectors: collectorsOn(from),
    allow: from.regexes('metrics.allow'),
    deny: from.regexes('metrics.deny'),
    maxSeries: from.integer('metrics.max-series', 0),
    unknownFields: from.bool('metrics.unknown-fields'),
    slotStats: from.integer('metrics.slot-stats', 1),
    system: from.bool('include-system-metrics'),
    emptyDatabases: from.bool('include-metrics-for-empty-databases'),
    configMetrics: from.bool('include-config-metrics'),
    redactConfig: from.bool('redact-config-metrics'),
    configCommand: command === '-' ? '' : command,
    rdbFileSize: from.bool('include-rdb-file-size-metric'),
    clientPort: from.bool('export-client-port'),
    searchIndexes: from.regex('check-search-indexes'),
    sentinelPeers: from.bool('include-sentinel-peer-info'),
    roleLabel: from.bool('append-instance-role-label'),
    ping: from.bool('ping-on-connect'),
    redisOnly: from.bool('redis-only-metrics'),
    runtime: from.bool('include-go-runtime-metrics'),
  }
}

/** redis_exporter's flags switch collectors, too; the collector's own flag wins. */
function collectorsOn(from: Resolver): ReadonlySet<string> {
  const byPeerFlag: Partial<Record<CollectorName, boolean>> = {
    ...(from.bool('exclude-latency-histogram-metrics') && { latency: false, latency_histogram: false }),
    ...(from.bool('export-client-list') && { client_list: true }),
    ...(from.bool('include-modules-metrics') && { modules: true }),
    ...(from.bool('include-search-indexes-metrics') && { search_indexes: true }),
    ...(from.bool('is-tile38') && { tile38: true }),
  }
  const isOn = (name: CollectorName) => {
    const flag = `collector.${name}` as const
    const own = from.bool(flag)
    return from.raw(flag).given ? own : (byPeerFlag[name] ?? own)
  }
  return new Set(collectorNames.filter(isOn))
}
