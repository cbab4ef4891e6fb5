import { Samples, type Family, type Labels } from '../exposition/families.js'
import type { NodeReading } from '../redis/replies.js'
import { clusterInfo, collectClusterInfo, passThrough } from './cluster-info.js'
import { commandlog } from './commandlog.js'
import { collectCommand } from './commandstats.js'
import { config } from './config.js'
import { collectIoThread } from './cpu.js'
import { collectError } from './errorstats.js'
import { keyspace } from './keyspace.js'
import { latency } from './latency.js'
import { latencyHistogram } from './latency-histogram.js'
import { latencystats } from './latencystats.js'
import { collectReplicas, collectReplication } from './replication.js'
import { collectServer } from './server.js'
import { collectSelf, withoutRole } from './self.js'
import { slowlog } from './slowlog.js'
import { infoSections, systemSections } from './sections.js'
import { numberOf, type Collector, type CollectOptions, type FieldRule } from './table.js'

export type { CollectOptions } from './table.js'

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

/** INFO as its tables have it, and the families that join several of its fields; catalogue.ts lists them. */
const info: Collector = {
  name: 'info',
  source: 'INFO',
  readings: ['info', 'cluster_info'],
  families: [],
  collect(reading, samples, options) {
    collectInfo(reading, samples, options)
    collectServer(reading.info!, samples, reading.at)
    collectReplication(reading.info!, samples)
    collectReplicas(reading.info!, samples)
  },
}

/** All of a node's collectors: a reading of the same replies makes the same samples. */
export const nodeCollectors: readonly Collector[] = [
  info,
  keyspace,
  {
    name: 'cluster_info',
    source: 'CLUSTER INFO',
    readings: ['cluster_info'],
    families: Object.values(clusterInfo.fields).map(({ family }) => family),
    collect: collectClusterInfo,
  },
  config,
  slowlog,
  latency,
  latencystats,
  latencyHistogram,
  commandlog,
]

/**
 * Turns one reading of one node into its samples. A node that is down has only those that say so; replies that make
 * no sense cost their collector only.
 */
export function collectNode(reading: NodeReading, samples: Samples, options: CollectOptions = {}): void {
  const failed = new Map<string, string>()
  if (reading.info) {
    for (const { name, collect } of nodeCollectors) {
      const own = new Samples()
      try {
        collect(reading, own, options)
        for (const [family, list] of own.byFamily) samples.byFamily.set(family, list)
      } catch (error) {
        failed.set(name, `the replies make no sense: ${(error as Error).message}`)
      }
    }
  }
  collectSelf(reading, samples, failed)
  if (options.roleLabel) appendRole(samples, reading.info?.get('role') ?? '')
}

function collectInfo(reading: NodeReading, samples: Samples, { system }: CollectOptions): void {
  const alsoThere = reading.clusterInfo?.value
  for (const [key, text] of reading.info!) {
    const rule = infoFields.get(key) ?? (system ? systemFields.get(key) : undefined)
    if (rule) {
      const value = numberOf(text)
      if (value !== undefined) samples.add(rule.family, value / (rule.divideBy ?? 1))
      continue
    }
    const collect = prefixes.find(([pattern]) => pattern.test(key))?.[1]
    if (collect) collect(key, text, samples)
    else if (key.startsWith('cluster_') && !alsoThere?.has(key)) {
      const value = numberOf(text)
      if (value !== undefined) samples.add(passThrough(key), value)
    }
  }
}

function appendRole(samples: Samples, role: string): void {
  const withRole = (family: Family, labels: Labels): Labels =>
    withoutRole.has(family) ? labels : [...labels, ['instance_role', role]]
  for (const [family, list] of samples.byFamily) {
    samples.byFamily.set(
      family,
      list.map((sample) => ({ ...sample, labels: withRole(family, sample.labels) })),
    )
  }
}
