import type { Resolver } from './resolver.js'

/** Keys, streams and scripts to look at; patterns and keys as they were written. */
export interface KeyConfig {
  readonly check: string
  readonly checkSingle: string
  readonly checkStreams: string
  readonly checkSingleStreams: string
  readonly streamConsumers: boolean
  readonly count: string
  readonly groups: string
  readonly maxGroups: number
  readonly batchSize: number
  readonly values: boolean
  /** Look at keys on replicas only. */
  readonly skipPrimaries: boolean
  /** The single node stands for its whole cluster. */
  readonly wholeCluster: boolean
  /** Patterns that the parameters of /scrape may name. */
  readonly allow: readonly string[]
}

export interface ScriptConfig {
  readonly files: readonly string[]
  readonly readOnly: boolean
}

export function keyConfig(from: Resolver): KeyConfig {
  return {
    check: from.text('check-keys'),
    checkSingle: from.text('check-single-keys'),
    checkStreams: from.text('check-streams'),
    checkSingleStreams: from.text('check-single-streams'),
    streamConsumers: !from.bool('streams-exclude-consumer-metrics'),
    count: from.text('count-keys'),
    groups: from.text('check-key-groups'),
    maxGroups: from.integer('max-distinct-key-groups', 0),
    batchSize: from.integer('check-keys-batch-size', 1),
    values: !from.bool('disable-exporting-key-values'),
    skipPrimaries: from.bool('skip-checkkeys-for-role-master'),
    wholeCluster: from.bool('is-cluster'),
    allow: from.list('scrape.allow-keys'),
  }
}

export function scriptConfig(from: Resolver): ScriptConfig {
  return { files: from.list('script'), readOnly: from.bool('lua-script-read-only') }
}
