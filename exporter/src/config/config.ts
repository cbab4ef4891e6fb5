import { z } from 'zod'
import { canaryConfig, type CanaryConfig } from './canary-config.js'
import { controlConfig, type ControlConfig } from './control-config.js'
import { eventConfig, type EventsConfig } from './event-config.js'
import { keyConfig, scriptConfig, type KeyConfig, type ScriptConfig } from './key-config.js'
import { metricsConfig, type MetricsConfig } from './metrics-config.js'
import { options, type Flag, type Option } from './options.js'
import { ConfigError, Resolver, type RawValue } from './resolver.js'
import { servicesOf } from './service-config.js'
import type { Service } from './services.js'
import { webConfig, type WebConfig } from './web-config.js'

export { ConfigError } from './resolver.js'

const strings = z.array(z.string().min(1), { error: 'expected a list of texts, such as [redis://host:6379]' })
const tls = z.strictObject({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  serverName: z.string().optional(),
  skipVerify: z.boolean().optional(),
})
const sentinel = z.strictObject({
  primary: z.string().min(1),
  seeds: strings.min(1, 'at least one address'),
  username: z.string().optional(),
  password: z.string().optional(),
  passwordFile: z.string().optional(),
})
const clusterKeys = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, dashes and underscores, at most 63'),
  seeds: strings.default([]),
  sentinel: sentinel.optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  passwordFile: z.string().optional(),
  tls: tls.optional(),
  allow: strings.optional(),
  addresses: z
    .record(z.string(), z.string(), {
      error: 'expected announced: reachable, such as 10.0.0.1:6379: 127.0.0.1:7000',
    })
    .optional(),
})

const cluster = clusterKeys.refine(({ seeds, sentinel }) => seeds.length > 0 !== (sentinel !== undefined), {
  path: ['seeds'],
  message:
    'at least one address is expected here, or else `sentinel` with a primary and the addresses of Sentinels',
})

export type TlsConfig = Readonly<z.output<typeof tls>>
export type ClusterConfig = Readonly<z.output<typeof cluster>>

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const listed = z.union([strings.transform((list) => list.join(',')), scalar])

const { warmup, ...sections } = optionSections()

/** The file: `clusters`, the sources of warmups, and a section for every option that has a place in it. */
const file = z.strictObject({
  clusters: z.array(cluster).optional(),
  warmup: z.strictObject({ ...warmup, sources: z.array(cluster).optional() }).optional(),
  ...Object.fromEntries(
    Object.entries(sections).map(([name, keys]) => [name, z.strictObject(keys).optional()]),
  ),
})

function optionSections() {
  const sections: Record<string, Record<string, z.ZodType<string | undefined>>> = {}
  for (const option of options as readonly Option[]) {
    if (!option.file) continue
    const [section, key] = option.file
    ;(sections[section] ??= {})[key] = (option.type === 'list' ? listed : scalar).optional()
  }
  return sections
}

export interface Config {
  readonly clusters: readonly ClusterConfig[]
  /** A single node, watched as redis_exporter does; its address. */
  readonly single: string | undefined
  /** For the single node, for a cluster that flags name, and for targets that --scrape.allow permits. */
  readonly access: { readonly username?: string; readonly password?: string; readonly tls: TlsConfig }
  readonly passwordFile: string
  readonly web: WebConfig
  readonly metrics: MetricsConfig
  readonly keys: KeyConfig
  readonly scripts: ScriptConfig
  readonly canary: CanaryConfig
  readonly scrape: {
    readonly nodeTimeoutMs: number
    /** How often slow readings are asked; 0: always. */
    readonly slowMs: number
    readonly allow: readonly string[]
    readonly disabled: boolean
    readonly setClientName: boolean
  }
  readonly discovery: { readonly intervalMs: number; readonly hostnames: boolean }
  readonly events: EventsConfig
  readonly control: ControlConfig
  readonly alerting: {
    /** A firing alert that is not told again counts as over after this. */
    readonly expireMs: number
  }
  readonly warmup: {
    /** The only folder that file sources may lie in; empty: none. */
    readonly dir: string
    /** Clusters and single nodes that a warmup may read from, and that are not watched. */
    readonly sources: readonly ClusterConfig[]
  }
  /** What this process does. */
  readonly services: ReadonlySet<Service>
  readonly strictFiles: boolean
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'txt' | 'json' }
}

export interface ConfigSources {
  /** Flags that were given, by name. */
  readonly flags: Readonly<Partial<Record<string, string>>>
  readonly env: Readonly<Partial<Record<string, string>>>
  /** The parsed configuration file and its name. */
  readonly file?: { readonly name: string; readonly content: unknown }
}

/**
 * Makes the configuration of its sources: a flag beats the environment, which beats the file.
 * @throws ConfigError names the key or flag and what is wrong with it
 */
export function resolveConfig(sources: ConfigSources): Config {
  const parsed = parseFile(sources.file)
  const from = new Resolver((flag) => valueOf(flag, sources, parsed))

  const access = {
    ...optional('username', from.text('redis.user')),
    ...optional('password', from.text('redis.password')),
    tls: flagTls(from),
  }
  const name = from.matching(
    'cluster.name',
    /^$|^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'a name of letters, digits, dots, dashes and underscores',
  )
  const addresses = from.list('redis.addr')
  const nowhere = addresses.length === 0 && from.raw('redis.addr').given
  const fromFlags: ClusterConfig[] =
    name === ''
      ? []
      : [{ name, seeds: addresses.length > 0 ? addresses : ['redis://localhost:6379'], ...access }]
  const clusters = [...(parsed?.clusters ?? []), ...fromFlags]
  const twice = clusters.find(({ name }, i) => clusters.findIndex((other) => other.name === name) !== i)
  if (twice) throw new ConfigError(`clusters: the name ${twice.name} is there twice`)
  const warmFrom = parsed?.warmup?.sources ?? []
  // Tokens are limited to clusters and sources by name alone.
  const taken = warmFrom.find(({ name }, i) =>
    [...clusters, ...warmFrom.slice(0, i)].some((other) => other.name === name),
  )
  if (taken)
    throw new ConfigError(
      `warmup.sources: the name ${taken.name} is there twice; a source needs a name of its own (a warmup can ` +
        'read from a watched cluster without a source)',
    )
  if (name === '' && addresses.length > 1) {
    throw new ConfigError(
      '--redis.addr: several addresses need --cluster.name (they are then seeds of that cluster)',
    )
  }
  return Object.freeze({
    clusters,
    single:
      name !== ''
        ? undefined
        : (addresses[0] ?? (clusters.length > 0 || nowhere ? undefined : 'redis://localhost:6379')),
    access,
    passwordFile: from.text('redis.password-file'),
    web: webConfig(from),
    metrics: metricsConfig(from),
    keys: keyConfig(from),
    scripts: scriptConfig(from),
    canary: canaryConfig(from),
    scrape: {
      nodeTimeoutMs: from.duration(
        from.raw('scrape.node-timeout').given || !from.raw('connection-timeout').given
          ? 'scrape.node-timeout'
          : 'connection-timeout',
      ),
      slowMs: from.durationOrNone('scrape.slow-interval'),
      allow: from.list('scrape.allow'),
      disabled: from.bool('disable-scrape-endpoint'),
      setClientName: from.bool('set-client-name'),
    },
    discovery: {
      intervalMs: from.duration('discovery.interval'),
      hostnames: from.bool('cluster-discover-hostnames'),
    },
    events: eventConfig(from),
    control: controlConfig(from),
    alerting: { expireMs: from.duration('alerting.expire-after') },
    warmup: { dir: from.text('warmup.dir'), sources: warmFrom },
    services: servicesOf(from),
    strictFiles: from.bool('strict-files'),
    log: {
      level: from.bool('debug')
        ? 'debug'
        : from.read('log-level', parseLevel, 'one of debug, info, warn, error'),
      format: from.read('log-format', parseFormat, 'txt or json'),
    },
  })
}

type ParsedFile = z.output<typeof file>

function parseFile(source: ConfigSources['file']): ParsedFile | undefined {
  if (!source) return undefined
  const result = file.safeParse(source.content ?? {})
  if (result.success) return result.data
  const problems = result.error.issues.map(
    (issue) => `${source.name}: ${z.core.toDotPath(issue.path) || 'the file'}: ${issue.message}`,
  )
  throw new ConfigError(problems.join('\n'))
}

const NEVER_EMPTY: ReadonlySet<Option['type']> = new Set(['boolean', 'duration', 'integer'])

function valueOf(flag: Flag, { flags, env, file }: ConfigSources, parsed: ParsedFile | undefined): RawValue {
  const option: Option = options.find((candidate) => candidate.flag === flag)!
  const fromFlag = flags[flag]
  if (fromFlag !== undefined) return { text: fromFlag, from: `--${flag}`, given: true }
  const fromEnv = env[option.env]
  // An empty variable says something only where an empty text is a value.
  const isSet = fromEnv !== undefined && (fromEnv !== '' || !NEVER_EMPTY.has(option.type))
  if (isSet) return { text: fromEnv, from: option.env, given: true }
  const sections = parsed as Record<string, Record<string, string | undefined> | undefined> | undefined
  const fromFile = option.file && sections?.[option.file[0]]?.[option.file[1]]
  if (fromFile !== undefined)
    return { text: fromFile, from: `${file!.name}: ${option.file!.join('.')}`, given: true }
  return { text: option.default, from: `--${flag}`, given: false }
}

function flagTls(from: Resolver): TlsConfig {
  return {
    ...optional('ca', from.text('tls-ca-cert-file')),
    ...optional('cert', from.text('tls-client-cert-file')),
    ...optional('key', from.text('tls-client-key-file')),
    ...optional('serverName', from.text('tls-server-name')),
    ...(from.bool('skip-tls-verification') && { skipVerify: true }),
  }
}

function optional<K extends string>(key: K, value: string): Partial<Record<K, string>> {
  return value === '' ? {} : ({ [key]: value } as Record<K, string>)
}

function parseLevel(text: string): Config['log']['level'] | undefined {
  return (['debug', 'info', 'warn', 'error'] as const).find(
    (level) => level === text.toLowerCase().replace('warning', 'warn'),
  )
}

function parseFormat(text: string): Config['log']['format'] | undefined {
  return (['txt', 'json'] as const).find((format) => format === text)
}
