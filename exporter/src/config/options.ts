/**
 * Every option with its flag, environment variable and place in the configuration file. redis_exporter's keep
 * their names; new ones have an environment variable that starts with SLOTWISE_.
 */
import { canaryOptions } from './canary-options.js'
import { collectorOptions } from './collector-options.js'
import { controlOptions } from './control-options.js'
import { eventOptions } from './event-options.js'
import { keyOptions } from './key-options.js'
import { metricsOptions } from './metrics-options.js'
import type { Option } from './option.js'
import { serviceOptions } from './services.js'
import { webOptions } from './web-options.js'

export type { Option } from './option.js'

const generalOptions = [
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
    flag: 'scrape.node-timeout',
    env: 'SLOTWISE_SCRAPE_NODE_TIMEOUT',
    type: 'duration',
    default: '1s',
    help: 'how long a node may take to answer',
    file: ['scrape', 'nodeTimeout'],
  },
  {
    flag: 'connection-timeout',
    env: 'REDIS_EXPORTER_CONNECTION_TIMEOUT',
    type: 'duration',
    default: '',
    help: "redis_exporter's name for --scrape.node-timeout, which wins",
  },
  {
    flag: 'scrape.slow-interval',
    env: 'SLOTWISE_SCRAPE_SLOW_INTERVAL',
    type: 'duration',
    default: '60s',
    help: 'how often what costs a node most is asked: latencystats, LATENCY HISTOGRAM, CONFIG GET *, slot statistics; 0s: at every scrape',
    file: ['scrape', 'slowInterval'],
  },
  {
    flag: 'scrape.allow',
    env: 'SLOTWISE_SCRAPE_ALLOW',
    type: 'list',
    default: '',
    help: 'hosts, CIDR ranges and sockets (unix:///path) outside the configured clusters that /scrape?target= may name, by comma',
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

export const options = [
  ...generalOptions,
  ...eventOptions,
  ...controlOptions,
  ...webOptions,
  ...metricsOptions,
  ...collectorOptions,
  ...keyOptions,
  ...canaryOptions,
  ...serviceOptions,
]

export type Flag = (typeof options)[number]['flag']
