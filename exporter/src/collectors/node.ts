import type { Samples } from '../exposition/families.js'
import type { InfoFields, NodeReading } from '../redis/replies.js'
import { collectClusterInfo, passThrough } from './cluster-info.js'
import { collectCommand } from './commandstats.js'
import { collectError } from './errorstats.js'
import { collectIoThread } from './cpu.js'
import { collectKeyspace } from './keyspace.js'
import { collectReplicas, collectReplication } from './replication.js'
import { collectServer } from './server.js'
import { collectSelf } from './self.js'
import { infoSections, systemSections } from './catalogue.js'
import { numberOf, type FieldRule } from './table.js'

export interface CollectOptions {
  /** --include-system-metrics */
  readonly system?: boolean
  /** --include-metrics-for-empty-databases */
  readonly emptyDatabases?: boolean
}

const infoFields = new Map<string, FieldRule>(infoSections.flatMap(({ fields }) => Object.entries(fields)))
const systemFields = new Map<string, FieldRule>(
  systemSections.flatMap(({ fields }) => Object.entries(fields)),
)

/** Lines whose key starts with a prefix and goes on with a name of its own. */
const prefixes: readonly (readonly [RegExp, (key: string, value: string, samples: Samples) => void])[] = [
  [/^cmdstat_/, collectCommand],
  [/^errorstat_/, collectError],
  [/^used_active_time_io_thread_\d+$/, collectIoThread],
]

/** Turns one reading of one node into its samples. A node that is down has only those that say so. */
export function collectNode(reading: NodeReading, samples: Samples, options: CollectOptions = {}): void {
  collectSelf(reading, samples)
  if (!reading.info) return
  collectInfo(reading.info, reading.clusterInfo?.value, samples, options)
  collectServer(reading.info, samples, reading.at)
  collectReplication(reading.info, samples)
  collectReplicas(reading.info, samples)
  collectKeyspace(reading.info, options.emptyDatabases === false ? undefined : reading.databases, samples)
  if (reading.clusterInfo?.value) collectClusterInfo(reading.clusterInfo.value, samples)
}

function collectInfo(
  info: InfoFields,
  clusterInfo: InfoFields | undefined,
  samples: Samples,
  { system }: CollectOptions,
): void {
  for (const [key, text] of info) {
    const rule = infoFields.get(key) ?? (system ? systemFields.get(key) : undefined)
    if (rule) {
      const value = numberOf(text)
      if (value !== undefined) samples.add(rule.family, value / (rule.divideBy ?? 1))
      continue
    }
    const collect = prefixes.find(([pattern]) => pattern.test(key))?.[1]
    if (collect) collect(key, text, samples)
    else if (key.startsWith('cluster_') && !clusterInfo?.has(key)) {
      const value = numberOf(text)
      if (value !== undefined) samples.add(passThrough(key), value)
    }
  }
}
