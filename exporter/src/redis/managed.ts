/**
 * Managed services where CONFIG is blocked, and how the same is done there. A service is recognised by the names of
 * its hosts or by what INFO calls its operating system; where neither tells, none is guessed.
 */
interface Service {
  readonly name: string
  readonly host: RegExp
  readonly os?: RegExp
  readonly todo: string
}

const SERVICES: readonly Service[] = [
  {
    name: 'Amazon ElastiCache Serverless',
    host: /\.serverless\.[a-z0-9-]+\.cache\.amazonaws\.com$/,
    todo: 'its policy is fixed (volatile-lru) and its limit is the cache usage limit: aws elasticache modify-serverless-cache --cache-usage-limits',
  },
  {
    name: 'Amazon ElastiCache',
    host: /\.cache\.amazonaws\.com(\.cn)?$/,
    os: /^Amazon ElastiCache/,
    todo: 'change its parameter group: aws elasticache modify-cache-parameter-group --parameter-name-values ParameterName=maxmemory-policy,ParameterValue=...; maxmemory is that of the node type less reserved-memory-percent',
  },
  {
    name: 'Amazon MemoryDB',
    host: /\.memorydb\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/,
    todo: 'change its parameter group: aws memorydb update-parameter-group --parameter-name-values ParameterName=maxmemory-policy,ParameterValue=...; maxmemory is that of the node type',
  },
  {
    name: 'Azure Managed Redis or Redis Enterprise',
    host: /\.(redis\.azure\.net|redisenterprise\.cache\.azure\.net)$/,
    todo: 'az redisenterprise database update --eviction-policy ...; the limit is that of the SKU',
  },
  {
    name: 'Azure Cache for Redis',
    host: /\.redis\.cache\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)$/,
    todo: 'az redis update --set redisConfiguration.maxmemory-policy=... (and maxmemory-reserved); the limit is that of the SKU',
  },
  {
    name: 'Redis Cloud',
    host: /\.(redis-cloud\.com|redislabs\.com|rlrcp\.com)$/,
    todo: 'set the data eviction policy and the memory limit of the database in its console or through its API; the other parameters cannot be changed there',
  },
  {
    name: 'Aiven',
    host: /\.aivencloud\.com$/,
    todo: 'avn service update -c valkey_maxmemory_policy=... (or redis_maxmemory_policy)',
  },
  {
    name: 'DigitalOcean',
    host: /\.db\.ondigitalocean\.com$/,
    todo: 'set the eviction policy of the database in the control panel, or doctl databases configuration update',
  },
  {
    name: 'Upstash',
    host: /\.upstash\.io$/,
    todo: 'switch eviction on or off in the console of the database; it has no other parameters',
  },
]

const UNKNOWN_SERVICE =
  'CONFIG is blocked or renamed there, and neither host name nor INFO tell by which service. On a managed service set it where the service keeps its parameters (AWS: parameter group; Google Memorystore, whose hosts are plain addresses: gcloud redis instances update --update-redis-config, or gcloud redis clusters update; Azure: az redis update; Redis Cloud: console); else permit CONFIG, or set it in redis.conf and restart'
const PERMIT =
  "permit config|get, config|set and, for persist, config|rewrite to the user (ACL SETUSER); see 'ACL user' in docs/security.md"

/** Whether an error reply to CONFIG says that it can't be used there at all. */
export function isBlocked(message: string): boolean {
  return /unknown (sub)?command|NOPERM|no permissions|disabled|not allowed|not supported/i.test(message)
}

export interface Blocked {
  /** Undefined where nothing tells which it is. */
  readonly service?: string
  /** How to do it there. */
  readonly todo: string
}

/**
 * What to do where CONFIG is blocked.
 * @param hosts names of the node and of its cluster's seeds, ports and all
 * @param os INFO's `os`, where INFO answers
 */
export function explainBlocked(message: string, hosts: readonly string[], os = ''): Blocked {
  const names = hosts.map((host) => host.replace(/:\d+$/, '').toLowerCase())
  const service = SERVICES.find(
    (candidate) => names.some((name) => candidate.host.test(name)) || candidate.os?.test(os),
  )
  if (service) return { service: service.name, todo: `${service.name}: ${service.todo}` }
  return { todo: /NOPERM|no permissions/i.test(message) ? PERMIT : UNKNOWN_SERVICE }
}
