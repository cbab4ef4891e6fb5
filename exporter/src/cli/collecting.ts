import { ConfigError, type Config } from '../config/config.js'
import { collectorNames } from '../config/collector-options.js'
import { allFamilies } from '../collectors/catalogue.js'
import { familyFilter } from '../collectors/limits.js'
import type { CollectOptions } from '../collectors/node.js'
import { fullName } from '../exposition/families.js'
import type { ReadOptions, Refusal } from '../redis/readings.js'
import { readText } from './secrets.js'

/**
 * What is asked of nodes, by the configuration.
 * @param warn is told once of each command that a node refuses, however many nodes do
 * @throws ConfigError a script cannot be read
 */
export function readOptions(
  { metrics, scripts, scrape }: Config,
  warn: (message: string) => void,
): ReadOptions {
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
    onRefused: ({ reading, command, message }: Refusal) => {
      if (told.has(command)) return
      told.add(command)
      warn(
        `${message}; the collector ${reading} goes without (told once; --no-collector.${reading} stops asking)`,
      )
    },
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
