import { ConfigError, type Config } from '../config/config.js'
import { collectorNames } from '../config/collector-options.js'
import { allFamilies } from '../collectors/catalogue.js'
import { familyFilter } from '../collectors/limits.js'
import type { CollectOptions } from '../collectors/node.js'
import { fullName } from '../exposition/families.js'
import { keyAllowList, type ScrapeKeys } from '../http/metrics/scrape-keys.js'
import { parseGroupList, parseKeyList, type KeyOptions } from '../redis/key-query.js'
import type { ReadOptions, Refusal } from '../redis/readings.js'
import { readText } from './secrets.js'

/**
 * What is asked of nodes, by the configuration.
 * @param warn is told once of each command that a node refuses, however many nodes do
 * @throws ConfigError a script cannot be read
 */
export function readOptions(config: Config, warn: (message: string) => void): ReadOptions {
  const { metrics, scripts, scrape } = config
  const told = new Set<string>()
  return {
    collectors: metrics.collectors,
    configCommand: metrics.configCommand,
    configAll: metrics.configMetrics,
    rdbFile: metrics.rdbFileSize,
    slowMs: scrape.slowMs,
    ping: metrics.ping,
    searchIndexes: metrics.searchIndexes,
    slotStats: metrics.slotStats,
    scripts: new Map(scripts.files.map((file) => [file, readScript(file)])),
    scriptsReadOnly: scripts.readOnly,
    keys: keyOptions(config),
    onState: (address, error) => warn(error ?? `${address}: answers again`),
    onRefused: ({ reading, command, message }: Refusal) => {
      if (told.has(command)) return
      told.add(command)
      const canStop = collectorNames.some((name) => name === reading)
      const how = canStop ? `; --no-collector.${reading} stops asking` : ''
      warn(`${message}; the collector ${reading} goes without (told once${how})`)
    },
  }
}

/** @throws ConfigError a list of keys is none */
export function keyOptions({ keys }: Config): KeyOptions {
  const list = (flag: string, text: string) => checked(`--${flag}`, () => parseKeyList(text))
  return {
    batchSize: keys.batchSize,
    values: keys.values,
    streamConsumers: keys.streamConsumers,
    maxGroups: keys.maxGroups,
    skipPrimaries: keys.skipPrimaries,
    query: {
      keys: list('check-keys', keys.check),
      singleKeys: list('check-single-keys', keys.checkSingle),
      streams: list('check-streams', keys.checkStreams),
      singleStreams: list('check-single-streams', keys.checkSingleStreams),
      counts: list('count-keys', keys.count),
      groups: parseGroupList(keys.groups),
    },
  }
}

/** What the parameters of /scrape may name. @throws ConfigError */
export function scrapeKeys(config: Config): ScrapeKeys {
  return {
    standard: keyOptions(config).query,
    allowed: checked('--scrape.allow-keys', () => keyAllowList(config.keys.allow)),
  }
}

/** Runs what throws errors for people, and says where the mistake stands. @throws ConfigError */
export function checked<T>(what: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new ConfigError(`${what}: ${(error as Error).message}`)
  }
}

function readScript(file: string): string {
  const text = readText(file, '--script')
  if (text.trim() === '') throw new ConfigError(`--script: ${file} is empty`)
  return text
}

/** What becomes of the replies. */
export function collectOptions({ metrics }: Config): CollectOptions {
  const keep = familyFilter(metrics, (family) => fullName(family, metrics.namespace))
  return {
    system: metrics.system,
    emptyDatabases: metrics.emptyDatabases,
    configMetrics: metrics.configMetrics,
    redactConfig: metrics.redactConfig,
    clientPort: metrics.clientPort,
    sentinelPeers: metrics.sentinelPeers,
    roleLabel: metrics.roleLabel,
    maxSeries: metrics.maxSeries,
    off: new Set(collectorNames.filter((name) => !metrics.collectors.has(name))),
    ...(metrics.unknownFields && {
      unknownFields: new Set(allFamilies.map(({ name }) => name.replace(/^redis_/, ''))),
    }),
    ...(keep && { keep }),
  }
}
