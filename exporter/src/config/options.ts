/**
 * Every option with its flag, environment variable and place in the configuration file. redis_exporter's keep
 * their names; new ones have an environment variable that starts with SLOTWISE_.
 */
export type OptionType = 'string' | 'boolean' | 'duration' | 'list'

export interface Option {
  /** Without the leading dashes. */
  readonly flag: string
  readonly env: string
  readonly type: OptionType
  /** As one would write it. */
  readonly default: string
  readonly help: string
  /** Key in the configuration file; none for what only makes sense on the command line. */
  readonly file?: readonly [section: string, key: string]
}

export const options = [
  {
    flag: 'config.file',
    env: 'SLOTWISE_CONFIG_FILE',
    type: 'string',
    default: '',
    help: 'YAML file with clusters and settings',
  },
  {
    flag: 'cluster.name',
    env: 'SLOTWISE_CLUSTER_NAME',
    type: 'string',
    default: '',
    help: 'watch the whole cluster that --redis.addr belongs to, under this name',
  },
  {
    flag: 'redis.addr',
    env: 'REDIS_ADDR',
    type: 'string',
    default: '',
    help: 'node to watch, or with --cluster.name any node of the cluster; several by comma (default redis://localhost:6379 unless the file names clusters)',
  },
  { flag: 'redis.user', env: 'REDIS_USER', type: 'string', default: '', help: 'ACL user name' },
  {
    flag: 'redis.password',
    env: 'REDIS_PASSWORD',
    type: 'string',
    default: '',
    help: 'password; better: a password file, or the environment',
  },
  {
    flag: 'redis.password-file',
    env: 'REDIS_PASSWORD_FILE',
    type: 'string',
    default: '',
    help: 'JSON file that maps redis://[user@]host:port to passwords',
  },
  {
    flag: 'web.listen-address',
    env: 'REDIS_EXPORTER_WEB_LISTEN_ADDRESS',
    type: 'string',
    default: ':9121',
    help: 'address of the metrics listener',
    file: ['web', 'listenAddress'],
  },
  {
    flag: 'web.telemetry-path',
    env: 'REDIS_EXPORTER_WEB_TELEMETRY_PATH',
    type: 'string',
    default: '/metrics',
    help: 'path of the metrics',
    file: ['web', 'telemetryPath'],
  },
  {
    flag: 'web.external-address',
    env: 'SLOTWISE_WEB_EXTERNAL_ADDRESS',
    type: 'string',
    default: '',
    help: 'host:port under which Prometheus reaches this exporter, for /sd (default: the Host of the request)',
    file: ['web', 'externalAddress'],
  },
  {
    flag: 'namespace',
    env: 'REDIS_EXPORTER_NAMESPACE',
    type: 'string',
    default: 'redis',
    help: 'prefix of the metric names',
    file: ['metrics', 'namespace'],
  },
  {
    flag: 'metrics.cluster-label',
    env: 'SLOTWISE_METRICS_CLUSTER_LABEL',
    type: 'string',
    default: 'redis_cluster',
    help: "label that carries the cluster's name",
    file: ['metrics', 'clusterLabel'],
  },
  {
    flag: 'include-system-metrics',
    env: 'REDIS_EXPORTER_INCL_SYSTEM_METRICS',
    type: 'boolean',
    default: 'false',
    help: 'add total_system_memory_bytes',
    file: ['metrics', 'system'],
  },
  {
    flag: 'include-metrics-for-empty-databases',
    env: 'REDIS_EXPORTER_INCL_METRICS_FOR_EMPTY_DATABASES',
    type: 'boolean',
    default: 'true',
    help: 'say 0 for databases without keys',
    file: ['metrics', 'emptyDatabases'],
  },
  {
    flag: 'redis-only-metrics',
    env: 'REDIS_EXPORTER_REDIS_ONLY_METRICS',
    type: 'boolean',
    default: 'false',
    help: 'leave out the metrics of the exporter process',
    file: ['metrics', 'redisOnly'],
  },
  {
    flag: 'scrape.node-timeout',
    env: 'SLOTWISE_SCRAPE_NODE_TIMEOUT',
    type: 'duration',
    default: '1s',
    help: 'how long a node may take to answer',
    file: ['scrape', 'nodeTimeout'],
  },
  {
    flag: 'scrape.allow',
    env: 'SLOTWISE_SCRAPE_ALLOW',
    type: 'list',
    default: '',
    help: 'hosts and CIDR ranges outside the configured clusters that /scrape?target= may name, by comma',
    file: ['scrape', 'allow'],
  },
  {
    flag: 'disable-scrape-endpoint',
    env: 'REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT',
    type: 'boolean',
    default: 'false',
    help: 'switch /scrape off',
    file: ['scrape', 'disabled'],
  },
  {
    flag: 'discovery.interval',
    env: 'SLOTWISE_DISCOVERY_INTERVAL',
    type: 'duration',
    default: '5s',
    help: 'how often the topology is read',
    file: ['discovery', 'interval'],
  },
  {
    flag: 'cluster-discover-hostnames',
    env: 'REDIS_EXPORTER_CLUSTER_DISCOVER_HOSTNAMES',
    type: 'boolean',
    default: 'false',
    help: 'connect to the announced host names of discovered nodes',
    file: ['discovery', 'hostnames'],
  },
  {
    flag: 'set-client-name',
    env: 'REDIS_EXPORTER_SET_CLIENT_NAME',
    type: 'boolean',
    default: 'true',
    help: 'name the connections slotwise/exporter',
    file: ['scrape', 'setClientName'],
  },
  {
    flag: 'events.url',
    env: 'SLOTWISE_EVENTS_URL',
    type: 'string',
    default: 'file:./data/slotwise.db',
    help: 'where the event log is kept; empty: no log and no control API',
    file: ['events', 'url'],
  },
  {
    flag: 'control.listen-address',
    env: 'SLOTWISE_CONTROL_LISTEN_ADDRESS',
    type: 'string',
    default: '127.0.0.1:8121',
    help: 'address of the control API',
    file: ['control', 'listenAddress'],
  },
  {
    flag: 'control.tokens-file',
    env: 'SLOTWISE_CONTROL_TOKENS_FILE',
    type: 'string',
    default: '',
    help: 'YAML file with the tokens of the control API (slotwise token new); without one it is read-only, on loopback',
    file: ['control', 'tokensFile'],
  },
  {
    flag: 'warmup.dir',
    env: 'SLOTWISE_WARMUP_DIR',
    type: 'string',
    default: '',
    help: 'the only folder whose files a warmup may read; empty: none',
    file: ['warmup', 'dir'],
  },
  {
    flag: 'tls-client-cert-file',
    env: 'REDIS_EXPORTER_TLS_CLIENT_CERT_FILE',
    type: 'string',
    default: '',
    help: 'client certificate for rediss://',
  },
  {
    flag: 'tls-client-key-file',
    env: 'REDIS_EXPORTER_TLS_CLIENT_KEY_FILE',
    type: 'string',
    default: '',
    help: 'key of the client certificate',
  },
  {
    flag: 'tls-ca-cert-file',
    env: 'REDIS_EXPORTER_TLS_CA_CERT_FILE',
    type: 'string',
    default: '',
    help: 'CA that signed the certificates of the nodes',
  },
  {
    flag: 'tls-server-name',
    env: 'REDIS_EXPORTER_TLS_SERVER_NAME',
    type: 'string',
    default: '',
    help: 'name that the certificates of the nodes are for',
  },
  {
    flag: 'skip-tls-verification',
    env: 'REDIS_EXPORTER_SKIP_TLS_VERIFICATION',
    type: 'boolean',
    default: 'false',
    help: 'trust any certificate of a node',
  },
  {
    flag: 'strict-files',
    env: 'SLOTWISE_STRICT_FILES',
    type: 'boolean',
    default: 'false',
    help: 'refuse secret files that others may read',
  },
  {
    flag: 'log-level',
    env: 'REDIS_EXPORTER_LOG_LEVEL',
    type: 'string',
    default: 'info',
    help: 'debug, info, warn or error',
    file: ['log', 'level'],
  },
  {
    flag: 'log-format',
    env: 'REDIS_EXPORTER_LOG_FORMAT',
    type: 'string',
    default: 'txt',
    help: 'txt or json',
    file: ['log', 'format'],
  },
  {
    flag: 'debug',
    env: 'REDIS_EXPORTER_DEBUG',
    type: 'boolean',
    default: 'false',
    help: 'the same as --log-level=debug',
  },
] as const satisfies readonly Option[]

export type Flag = (typeof options)[number]['flag']

/** redis_exporter's flags that this version does not have yet: refused by name rather than ignored. */
export const flagsToCome: readonly string[] = [
  'check-keys',
  'check-single-keys',
  'check-key-groups',
  'check-streams',
  'check-single-streams',
  'count-keys',
  'streams-exclude-consumer-metrics',
  'check-keys-batch-size',
  'script',
  'lua-script-read-only',
  'config-command',
  'connection-timeout',
  'tls-server-key-file',
  'tls-server-cert-file',
  'tls-server-ca-cert-file',
  'tls-server-min-version',
  'max-distinct-key-groups',
  'is-tile38',
  'is-cluster',
  'export-client-list',
  'export-client-port',
  'include-go-runtime-metrics',
  'ping-on-connect',
  'include-config-metrics',
  'include-modules-metrics',
  'include-search-indexes-metrics',
  'include-sentinel-peer-info',
  'check-search-indexes',
  'disable-exporting-key-values',
  'exclude-latency-histogram-metrics',
  'redact-config-metrics',
  'include-rdb-file-size-metric',
  'skip-checkkeys-for-role-master',
  'basic-auth-username',
  'basic-auth-password',
  'basic-auth-hash-password',
  'append-instance-role-label',
]

/** The environment variable of one of redis_exporter's flags: `include-*` becomes INCL_*, with one exception of its own. */
export function envOfPeerFlag(flag: string): string {
  const name = flag === 'include-go-runtime-metrics' ? flag : flag.replace(/^include-/, 'incl-')
  return `REDIS_EXPORTER_${name.replaceAll('-', '_').toUpperCase()}`
}
