import { z } from 'zod'
import { ConfigError, type ClusterConfig, type Config, type TlsConfig } from '../config/config.js'
import { addressMap } from '../redis/address-map.js'
import { allowList } from '../redis/allow.js'
import { Cluster } from '../redis/cluster.js'
import { parseEndpoint, type Endpoint } from '../redis/endpoint.js'
import { NodeReader } from '../redis/node-reader.js'
import { RawLink, type LinkOptions } from '../redis/raw-link.js'
import { checkTlsFiles } from '../redis/tls-files.js'
import type { ReadOptions } from '../redis/readings.js'
import { checked, readOptions } from './collecting.js'
import { knowsUser, passwordFor } from './password-file.js'
import { Reloaded, readSecret, readText, type SecretOptions } from './secrets.js'

/** What is watched. */
export interface Fleet {
  readonly clusters: readonly Cluster[]
  /** What warmups may read from besides: clusters or single nodes, which nobody reads until one is used. */
  readonly sources: readonly Cluster[]
  readonly single: NodeReader | undefined
  /** The cluster that the single node stands for (--is-cluster). */
  readonly wholeCluster: Cluster | undefined
  /** Opens a link to a host that --scrape.allow permits. */
  readonly connect: (endpoint: Endpoint, tlsServerName?: string) => NodeReader
  readonly allowed: (host: string) => boolean
  /** Whether the password file has this user at this address. */
  readonly knowsUser: (endpoint: Endpoint) => boolean
  /**
   * Reads the password files anew, for the connections to come: all of them or, when one cannot be read, none.
   * Undefined when there are none. @throws ConfigError
   */
  readonly reload: (() => void) | undefined
}

const CLIENT_NAME = 'slotwise/exporter'

/** @throws ConfigError */
export function makeFleet(config: Config, warn: (message: string) => void): Fleet {
  const secrets: SecretOptions = { strict: config.strictFiles, warn }
  const files = new Reloaded()
  const { passwordFile } = config
  const noPasswords: ReadonlyMap<string, string> = new Map()
  const passwords =
    passwordFile === '' ? () => noPasswords : files.of(() => readPasswords(passwordFile, secrets))
  const name = config.scrape.setClientName ? { clientName: CLIENT_NAME } : {}
  const link: LinkOptions = { ...name, tls: tlsSource(config.access.tls, '--tls') }
  const readings = readOptions(config, warn)
  const allowed = checked('--scrape.allow', () => allowList(config.scrape.allow))
  const open = (
    endpoint: Endpoint,
    mayAsk: (host: string) => boolean,
    own: LinkOptions,
    onState = readings.onState,
  ) =>
    new NodeReader(new RawLink(endpoint, { ...own, backoff: true }), {
      ...readings,
      ...(onState && { onState }),
      ...(readings.keys && config.keys.wholeCluster && { keys: { ...readings.keys, mayAsk } }),
    })
  /**
   * A host that somebody names at /scrape gets the password that the file has for it, and no other. Whether it answers
   * stands in the answer and not in the log: whoever may scrape a range could fill it.
   */
  const connect = (endpoint: Endpoint, servername?: string) => {
    const own = { ...link, password: () => passwordFor(endpoint, passwords()) }
    return open(
      endpoint,
      allowed,
      servername === undefined ? own : { ...own, tls: () => ({ ...link.tls!(), servername }) },
      () => undefined,
    )
  }
  const made = (cluster: ClusterConfig, section: string) => {
    const where = `${section}.${cluster.name}`
    const own = { ...name, tls: tlsSource(cluster.tls ?? {}, `${where}.tls`) }
    return { where, cluster, config, link: own, readings, passwords, secrets, files }
  }
  const clusters = config.clusters.map((cluster) => makeCluster(made(cluster, 'clusters')))
  const sources = config.warmup.sources.map((source) =>
    makeCluster({ ...made(source, 'warmup.sources'), single: true }),
  )
  const seed = config.single === undefined ? undefined : singleOf(config.single, config, passwords)
  const single = seed && open(seed.endpoint, () => true, { ...link, password: seed.password })
  const whole = seed && config.keys.wholeCluster ? wholeCluster(seed, link, config) : undefined
  return {
    clusters,
    sources,
    single,
    wholeCluster: whole,
    connect,
    allowed,
    knowsUser: (endpoint) => knowsUser(endpoint, passwords()),
    reload: files.isEmpty
      ? undefined
      : () => {
          files.reload()
          for (const cluster of [...clusters, ...sources, ...(whole ? [whole] : [])]) cluster.retrySoon()
          single?.link.retrySoon()
        },
  }
}

/** A node, and its password as it is now. */
interface Access {
  readonly endpoint: Endpoint
  readonly password: () => string | undefined
}

/** The cluster that a single node belongs to, which is looked at only when somebody asks for its nodes. */
function wholeCluster({ endpoint, password }: Access, link: LinkOptions, config: Config): Cluster {
  const { username } = endpoint
  return new Cluster({
    name: '',
    seeds: [endpoint],
    ...(username !== undefined && { username }),
    link: { ...link, password },
    allow: [],
    nodeTimeoutMs: config.scrape.nodeTimeoutMs,
    preferHostnames: config.discovery.hostnames,
  })
}

interface ClusterParts {
  /** Its place in the configuration, for errors. */
  readonly where: string
  readonly cluster: ClusterConfig
  readonly config: Config
  readonly link: LinkOptions
  readonly readings: ReadOptions
  readonly passwords: () => ReadonlyMap<string, string>
  readonly secrets: SecretOptions
  readonly files: Reloaded
  /** A single node will do, too. */
  readonly single?: boolean
}

function makeCluster({
  where,
  cluster,
  config,
  link,
  readings,
  passwords,
  secrets,
  files,
  single = false,
}: ClusterParts): Cluster {
  const sentinel = cluster.sentinel && sentinelOf(cluster.sentinel, `${where}.sentinel`, secrets, files)
  const nodes = cluster.seeds.map((seed) => endpointOf(seed, `${where}.seeds`))
  const seeds = sentinel?.seeds ?? nodes
  const fromSeed = nodes.find(({ password }) => password !== undefined)
  const username = cluster.username ?? fromSeed?.username ?? nodes[0]?.username
  const { passwordFile } = cluster
  const inFile =
    passwordFile === undefined
      ? undefined
      : files.of(() => readSecret(passwordFile, `${where}.passwordFile`, secrets))
  const asUser = nodes[0] && { ...nodes[0], ...(username !== undefined && { username }) }
  const password = () =>
    inFile?.() ?? cluster.password ?? fromSeed?.password ?? (asUser && passwordFor(asUser, passwords()))
  mustHavePassword(where, username, password())
  const { addresses = {} } = cluster
  checked(`${where}.addresses`, () => addressMap(addresses))
  const options = {
    name: cluster.name,
    seeds,
    ...(username !== undefined && { username }),
    get password() {
      return password()
    },
    link: { ...link, password },
    ...(sentinel && {
      sentinel: { primary: sentinel.primary, link: { ...link, password: sentinel.password } },
    }),
    readings,
    allow: cluster.allow ?? [],
    addresses,
    nodeTimeoutMs: config.scrape.nodeTimeoutMs,
    preferHostnames: config.discovery.hostnames,
    single,
  }
  return checked(`${where}.allow`, () => new Cluster(options))
}

/** Sentinels have passwords of their own; the nodes' are not shown to them. */
function sentinelOf(
  { primary, seeds, username, password, passwordFile }: NonNullable<ClusterConfig['sentinel']>,
  where: string,
  secrets: SecretOptions,
  files: Reloaded,
) {
  const current =
    passwordFile === undefined ? () => password : files.of(() => readSecret(passwordFile, where, secrets))
  return {
    primary,
    seeds: seeds.map((seed) => ({
      ...endpointOf(seed, `${where}.seeds`),
      ...(username !== undefined && { username }),
    })),
    password: current,
  }
}

/** @throws ConfigError a user has no password */
function singleOf(address: string, { access }: Config, passwords: () => ReadonlyMap<string, string>): Access {
  const { password: inAddress, ...named } = endpointOf(address, '--redis.addr')
  const username = named.username ?? access.username
  const endpoint = { ...named, ...(username !== undefined && { username }) }
  const password = () => inAddress ?? access.password ?? passwordFor(endpoint, passwords())
  mustHavePassword('--redis.addr', username, password())
  return { endpoint, password }
}

/** Without a password there is no AUTH, and the user would be `default`. @throws ConfigError */
function mustHavePassword(where: string, username: string | undefined, password: string | undefined): void {
  if (username === undefined || password !== undefined) return
  const set = where.startsWith('--') ? '--redis.password or --redis.password-file' : 'passwordFile'
  throw new ConfigError(
    `${where}: the user ${username} has no password here; set ${set} (for a user with nopass any will do)`,
  )
}

/** redis_exporter's file: `{"redis://[user@]host:port": "password"}`. */
function readPasswords(path: string, secrets: SecretOptions): ReadonlyMap<string, string> {
  const what = '--redis.password-file'
  let content: unknown
  try {
    content = JSON.parse(readSecret(path, what, secrets))
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`${what}: ${path} is no JSON; expected {"redis://host:port": "password"}`)
  }
  const map = z.record(z.string(), z.string()).safeParse(content)
  if (!map.success) throw new ConfigError(`${what}: ${path}: expected {"redis://host:port": "password"}`)
  return new Map(Object.entries(map.data))
}

/**
 * The files are read now, where what is wrong with them is an error at start, and again for every connection to come:
 * certificates are renewed. What cannot be used then stays as it was.
 * @throws ConfigError
 */
function tlsSource(config: TlsConfig, where: string): NonNullable<LinkOptions['tls']> {
  let last = tlsOptions(config, where)
  return () => {
    try {
      last = tlsOptions(config, where)
    } catch {
      // Half written, perhaps; the next connection looks again.
    }
    return last
  }
}

/** How flags end that are keys of the file elsewhere. */
const TLS_FLAGS = { ca: 'ca-cert-file', cert: 'client-cert-file', key: 'client-key-file' } as const

/** @throws ConfigError a file cannot be read, or certificate and key do not go together */
export function tlsOptions(
  { ca, cert, key, serverName, skipVerify }: TlsConfig,
  where: string,
): ReturnType<NonNullable<LinkOptions['tls']>> {
  const setting = (name: keyof typeof TLS_FLAGS) =>
    where.startsWith('--') ? `${where}-${TLS_FLAGS[name]}` : `${where}.${name}`
  const files = {
    ...(ca !== undefined && { ca: readText(ca, setting('ca')) }),
    ...(cert !== undefined && { cert: readText(cert, setting('cert')) }),
    ...(key !== undefined && { key: readText(key, setting('key')) }),
  }
  try {
    checkTlsFiles(files)
  } catch (error) {
    const named = [ca, cert, key].filter((file) => file !== undefined)
    throw new ConfigError(
      `${where}: ${named.join(', ')}: ${(error as Error).message}; expected PEM, and the key of this very certificate`,
    )
  }
  return {
    ...files,
    ...(serverName !== undefined && { servername: serverName }),
    ...(skipVerify && { rejectUnauthorized: false }),
  }
}

function endpointOf(text: string, what: string): Endpoint {
  return checked(what, () => parseEndpoint(text))
}
