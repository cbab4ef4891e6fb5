import { Samples, type Family, type Labels } from '../exposition/families.js'
import type { NodeReading } from '../redis/replies.js'
import { clientList } from './client-list.js'
import { clusterInfo, collectClusterInfo, passThrough } from './cluster-info.js'
import { commandlog } from './commandlog.js'
import { collectCommand } from './commandstats.js'
import { config } from './config.js'
import { collectIoThread } from './cpu.js'
import { collectError } from './errorstats.js'
import { keyspace } from './keyspace.js'
import { keyGroups } from './key-groups.js'
import { countKeys, keys } from './keys.js'
import { latency } from './latency.js'
import { latencyHistogram } from './latency-histogram.js'
import { latencystats } from './latencystats.js'
import { collectReplicas, collectReplication } from './replication.js'
import { collectInstance, collectStartTime } from './server.js'
import { collectSelf, withoutRole } from './self.js'
import { applyLimits } from './limits.js'
import { modules } from './modules.js'
import { rdbFile } from './rdb-file.js'
import { script } from './script.js'
import { collectEngines } from './scripting-engines.js'
import { searchIndexes } from './search-indexes.js'
import { infoSections, systemSections } from './sections.js'
import { sentinel } from './sentinel.js'
import { slotStats } from './slot-stats.js'
import { slowlog } from './slowlog.js'
import { streams } from './streams.js'
import { tile38 } from './tile38.js'
import { collectCertificates } from './tls.js'
import { isUnknown, untyped } from './unknown-fields.js'
import { linesOf, numberOf, type Collector, type CollectOptions, type FieldRule } from './table.js'

export type { CollectOptions } from './table.js'

const infoFields = new Map<string, FieldRule>(infoSections.flatMap(({ fields }) => Object.entries(fields)))
const systemFields = new Map<string, FieldRule>(
  systemSections.flatMap(({ fields }) => Object.entries(fields)),
)

interface Prefix {
  readonly pattern: RegExp
  /** By whose name it can be switched off. */
  readonly collector: string
  readonly collect: (key: string, value: string, samples: Samples) => void
}

/** Lines whose key starts with a prefix and goes on with a name of its own, which is the label. */
const prefixes: readonly Prefix[] = [
  { pattern: /^cmdstat_/, collector: 'commandstats', collect: collectCommand },
  { pattern: /^errorstat_/, collector: 'errorstats', collect: collectError },
  { pattern: /^used_active_time_io_thread_\d+$/, collector: 'info', collect: collectIoThread },
]

/** INFO as its tables have it, and the families that join several of its fields; catalogue.ts lists them. */
const info: Collector = {
  name: 'info',
  source: 'INFO',
  readings: ['info'],
  families: [],
  lines: { reading: 'info', collect: collectInfoLine },
  collect(reading, samples) {
    collectInstance(reading.info!, samples)
    collectReplication(reading.info!, samples)
    collectReplicas(reading.info!, samples)
    collectEngines(reading.info!, samples)
    collectCertificates(reading.info!, samples)
  },
}

/** By itself, because the fields that it joins change all the time. */
const startTime: Collector = {
  name: 'info',
  source: 'INFO',
  readings: ['info'],
  families: [],
  collect: (reading, samples) => collectStartTime(reading.info!, samples, reading.at),
}

/** All of a node's collectors: a reading of the same replies makes the same samples. */
export const nodeCollectors: readonly Collector[] = [
  info,
  startTime,
  keyspace,
  {
    name: 'cluster_info',
    source: 'CLUSTER INFO',
    readings: ['cluster_info'],
    families: Object.values(clusterInfo.fields).map(({ family }) => family),
    lines: { reading: 'cluster_info', collect: collectClusterInfo },
  },
  config,
  slowlog,
  latency,
  latencystats,
  latencyHistogram,
  commandlog,
  clientList,
  countKeys,
  keys,
  keyGroups,
  modules,
  rdbFile,
  script,
  searchIndexes,
  sentinel,
  slotStats,
  streams,
  tile38,
]

/**
 * Turns one reading of one node into its samples. A node that is down has only those that say so; replies that make
 * no sense cost their collector only.
 */
export function collectNode(reading: NodeReading, samples: Samples, options: CollectOptions = {}): void {
  const failed = new Map<string, string>()
  if (reading.info) {
    for (const { name, lines, collect } of nodeCollectors) {
      if (options.off?.has(name)) continue
      const own = new Samples()
      try {
        if (lines) {
          for (const [key, value] of linesOf(reading, lines.reading))
            lines.collect(key, value, own, reading, options)
        }
        collect?.(reading, own, options)
        for (const [family, list] of own.byFamily)
          for (const { value, labels, suffix } of list) samples.add(family, value, labels, suffix)
      } catch (error) {
        failed.set(name, `the replies make no sense: ${(error as Error).message}`)
      }
    }
  }
  applyLimits(samples, options)
  collectSelf(reading, samples, failed)
  if (options.roleLabel) appendRole(samples, reading.info?.get('role') ?? '')
}

function collectInfoLine(
  key: string,
  text: string,
  samples: Samples,
  { clusterInfo }: NodeReading,
  { system, unknownFields, off }: CollectOptions,
): void {
  const rule = infoFields.get(key) ?? (system ? systemFields.get(key) : undefined)
  if (rule) {
    const value = numberOf(text)
    if (value !== undefined) samples.add(rule.family, value / (rule.divideBy ?? 1))
    return
  }
  const prefix = prefixes.find(({ pattern }) => pattern.test(key))
  if (prefix) {
    if (!off?.has(prefix.collector)) prefix.collect(key, text, samples)
  } else if (key.startsWith('cluster_')) {
    const value = clusterInfo?.value?.has(key) ? undefined : numberOf(text)
    if (value !== undefined) samples.add(passThrough(key), value)
  } else if (unknownFields && isUnknown(key, text, unknownFields)) {
    samples.add(untyped(key), Number(text))
  }
}

/** Adds --append-instance-role-label. */
export function appendRole(samples: Samples, role: string): void {
  const withRole = (family: Family, labels: Labels): Labels =>
    withoutRole.has(family) ? labels : [...labels, ['instance_role', role]]
  for (const [family, list] of samples.byFamily) {
    samples.byFamily.set(
      family,
      list.map((sample) => ({ ...sample, labels: withRole(family, sample.labels) })),
    )
  }
}
