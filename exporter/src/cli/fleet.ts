import { z } from 'zod'
import { ConfigError, type ClusterConfig, type Config, type TlsConfig } from '../config/config.js'
import { addressMap } from '../redis/address-map.js'
import { allowList } from '../redis/allow.js'
import { Cluster } from '../redis/cluster.js'
import { parseEndpoint, urlOf, type Endpoint } from '../redis/endpoint.js'
import { NodeReader } from '../redis/node-reader.js'
import { RawLink, type LinkOptions } from '../redis/raw-link.js'
import type { ReadOptions } from '../redis/readings.js'
import { checked, readOptions } from './collecting.js'
import { readSecret, readText, type SecretOptions } from './secrets.js'

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
  /** Reads the password files anew, for the connections to come. Undefined when there are none. @throws ConfigError */
  readonly reload: (() => void) | undefined
}

const CLIENT_NAME = 'slotwise/exporter'

/** @throws ConfigError */
export function makeFleet(config: Config, warn: (message: string) => void): Fleet {
  const secrets: SecretOptions = { strict: config.strictFiles, warn }
  const passwords = new Map(readPasswords(config.passwordFile, secrets))
  const files: (() => void)[] = []
  const name = config.scrape.setClientName ? { clientName: CLIENT_NAME } : {}
  const link: LinkOptions = { ...name, tls: tlsSource(config.access.tls, '--tls') }
  const readings = readOptions(config, warn)
  const open = (endpoint: Endpoint, own: LinkOptions = link) =>
    new NodeReader(new RawLink(endpoint, { ...own, backoff: true }), readings)
  /** A host that somebody names at /scrape gets the password that the file has for it, and no other. */
  const connect = (endpoint: Endpoint, servername?: string) => {
    const own = { ...link, password: () => passwordFor(endpoint, passwords) }
    return open(
      endpoint,
      servername === undefined ? own : { ...own, tls: () => ({ ...link.tls!(), servername }) },
    )
  }
  const single =
    config.single === undefined
      ? undefined
      : withAccess(endpointOf(config.single, '--redis.addr'), config, passwords)
  const made = (cluster: ClusterConfig, section: string) => {
    const where = `${section}.${cluster.name}`
    const own = { ...name, tls: tlsSource(cluster.tls ?? {}, `${where}.tls`) }
    return {
      where,
      cluster,
      config,
      link: own,
      readings,
      passwords,
      secrets,
      onReload: (read: () => void) => files.push(read),
    }
  }
  return {
    clusters: config.clusters.map((cluster) => makeCluster(made(cluster, 'clusters'))),
    sources: config.warmup.sources.map((source) =>
      makeCluster({ ...made(source, 'warmup.sources'), single: true }),
    ),
    single:
      single && open(single, { ...link, password: () => passwordFor(single, passwords) ?? single.password }),
    wholeCluster: config.keys.wholeCluster && single ? wholeCluster(single, link, config) : undefined,
    connect,
    allowed: checked('--scrape.allow', () => allowList(config.scrape.allow)),
    reload:
      config.passwordFile === '' && files.length === 0
        ? undefined
        : () => {
            const fresh = readPasswords(config.passwordFile, secrets)
            for (const read of files) read()
            passwords.clear()
            for (const [url, password] of fresh) passwords.set(url, password)
          },
  }
}

/** The cluster that a single node belongs to, which is looked at only when somebody asks for its nodes. */
function wholeCluster(seed: Endpoint, link: LinkOptions, config: Config): Cluster {
  const { username, password } = seed
  return new Cluster({
    name: '',
    seeds: [seed],
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    link,
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
  readonly passwords: ReadonlyMap<string, string>
  readonly secrets: SecretOptions
  /** Takes what to do when the password files are read anew. */
  readonly onReload: (read: () => void) => void
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
  onReload,
  single = false,
}: ClusterParts): Cluster {
  const sentinel = cluster.sentinel && sentinelOf(cluster.sentinel, `${where}.sentinel`, secrets, onReload)
  const nodes = cluster.seeds.map((seed) => endpointOf(seed, `${where}.seeds`))
  const seeds = sentinel?.seeds ?? nodes
  const fromSeed = nodes.find(({ password }) => password !== undefined)
  const username = cluster.username ?? fromSeed?.username ?? nodes[0]?.username
  let password =
    cluster.passwordFile === undefined
      ? (cluster.password ??
        fromSeed?.password ??
        (nodes[0] && passwordFor({ ...nodes[0], ...(username !== undefined && { username }) }, passwords)))
      : readSecret(cluster.passwordFile, `${where}.passwordFile`, secrets)
  if (username !== undefined && password === undefined) {
    throw new ConfigError(
      `${where}: the user ${username} has no password here; set passwordFile (for a user with nopass any will do)`,
    )
  }
  const { passwordFile } = cluster
  if (passwordFile !== undefined) {
    onReload(() => (password = readSecret(passwordFile, `${where}.passwordFile`, secrets)))
  }
  const { addresses = {} } = cluster
  checked(`${where}.addresses`, () => addressMap(addresses))
  const options = {
    name: cluster.name,
    seeds,
    ...(username !== undefined && { username }),
    get password() {
      return password
    },
    link: { ...link, password: () => password },
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
  onReload: ClusterParts['onReload'],
) {
  const read = () => (passwordFile === undefined ? password : readSecret(passwordFile, where, secrets))
  let current = read()
  if (passwordFile !== undefined) onReload(() => (current = read()))
  return {
    primary,
    seeds: seeds.map((seed) => ({
      ...endpointOf(seed, `${where}.seeds`),
      ...(username !== undefined && { username }),
    })),
    password: () => current,
  }
}

function withAccess(
  endpoint: Endpoint,
  { access }: Config,
  passwords: ReadonlyMap<string, string>,
): Endpoint {
  const username = endpoint.username ?? access.username
  const password =
    endpoint.password ??
    access.password ??
    passwordFor({ ...endpoint, ...(username !== undefined && { username }) }, passwords)
  return {
    ...endpoint,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  }
}

/** redis_exporter's file: `{"redis://[user@]host:port": "password"}`. */
function readPasswords(path: string, secrets: SecretOptions): ReadonlyMap<string, string> {
  if (path === '') return new Map()
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

function passwordFor(endpoint: Endpoint, passwords: ReadonlyMap<string, string>): string | undefined {
  const url = urlOf(endpoint)
  const withUser = endpoint.username === undefined ? url : url.replace('://', `://${endpoint.username}@`)
  return passwords.get(withUser) ?? passwords.get(url)
}

/** @throws ConfigError a file cannot be read */
/**
 * The files are read now, where what is wrong with them is an error at start, and again for every connection to come:
 * certificates are renewed. What cannot be read then stays as it was.
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

/** @throws ConfigError a file cannot be read */
export function tlsOptions(
  { ca, cert, key, serverName, skipVerify }: TlsConfig,
  where: string,
): ReturnType<NonNullable<LinkOptions['tls']>> {
  return {
    ...(ca !== undefined && { ca: readText(ca, `${where}.ca`) }),
    ...(cert !== undefined && { cert: readText(cert, `${where}.cert`) }),
    ...(key !== undefined && { key: readText(key, `${where}.key`) }),
    ...(serverName !== undefined && { servername: serverName }),
    ...(skipVerify && { rejectUnauthorized: false }),
  }
}

function endpointOf(text: string, what: string): Endpoint {
  return checked(what, () => parseEndpoint(text))
}
