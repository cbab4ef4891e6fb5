import type { Option } from './option.js'

/** Collectors that can be switched, with what they are on or off for unless told otherwise. */
const collectors = {
  commandstats: [true, 'INFO commandstats: calls and time by command'],
  errorstats: [true, 'INFO errorstats: errors by their first word'],
  keyspace: [true, 'INFO keyspace: keys by database'],
  cluster_info: [true, 'CLUSTER INFO'],
  config: [true, 'CONFIG GET of the parameters that have a family; see --config-command'],
  slowlog: [true, 'SLOWLOG LEN and GET 1'],
  latency: [true, 'LATENCY LATEST'],
  latencystats: [true, 'INFO latencystats: latency percentiles by command'],
  latency_histogram: [true, 'LATENCY HISTOGRAM'],
  commandlog: [true, 'COMMANDLOG LEN (Valkey 8.1 and later)'],
  connect: [
    true,
    'a new connection beside the kept one, every --scrape.slow-interval: does the node take one?',
  ],
  sentinel: [true, 'SENTINEL MASTERS and what follows from it, of a Sentinel'],
  client_list: [false, 'CLIENT LIST, as --export-client-list'],
  modules: [false, 'INFO MODULES, as --include-modules-metrics'],
  search_indexes: [false, 'FT._LIST and FT.INFO, as --include-search-indexes-metrics'],
  slot_stats: [false, 'CLUSTER SLOT-STATS of the slots with the most keys (Valkey 8, Redis 8.2 and later)'],
  tile38: [false, 'SERVER EXT of Tile38, as --is-tile38'],
} as const satisfies Record<string, readonly [boolean, string]>

export type CollectorName = keyof typeof collectors

export const collectorNames = Object.keys(collectors) as CollectorName[]

/** `--collector.NAME` and, as in node_exporter, `--no-collector.NAME`. */
export const collectorOptions = collectorNames.map((name) => {
  const [standard, help] = collectors[name]
  return {
    flag: `collector.${name}` as const,
    env: `SLOTWISE_COLLECTOR_${name.toUpperCase()}`,
    type: 'boolean' as const,
    default: String(standard),
    help,
    file: ['collectors', name] as const,
  }
}) satisfies readonly Option[]
