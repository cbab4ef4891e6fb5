import type { ClusterNode } from '../../../redis/replies.js'
import { engineOf, type Settings } from '../../../redis/settings.js'
import { ownValues, type Values } from './parameters.js'

/** What one node has now. Bytes unless a name says otherwise. */
export interface NodeSettings {
  readonly node: ClusterNode
  readonly values: Values
  readonly usedMemoryBytes: number
  /** Of it what does not count towards maxmemory: buffers of replicas and of the AOF. */
  readonly notCountedBytes: number
  /** Of it what the keys and their values take. */
  readonly datasetBytes: number
  readonly keys: number
  /** Keys with a time to live. */
  readonly expires: number
  readonly commandsPerSecond: number
  /** Path of its redis.conf; empty when it was started without one. */
  readonly configFile: string
  /** Redis 7 and Valkey take several parameters in one CONFIG SET, all or nothing. */
  readonly setsTogether: boolean
  readonly version: string
  readonly engine: 'redis' | 'valkey'
}

export function nodeSettings(node: ClusterNode, { config, info }: Settings): NodeSettings {
  const number = (name: string) => Number(info.get(name) ?? 0)
  const { engine, version } = engineOf(info)
  const databases = [...info].filter(([name]) => /^db\d+$/.test(name)).map(([, text]) => text)
  const sum = (pattern: RegExp) =>
    databases.reduce((total, text) => total + Number(pattern.exec(text)?.[1] ?? 0), 0)
  return {
    node,
    values: ownValues(config),
    usedMemoryBytes: number('used_memory'),
    notCountedBytes: number('mem_not_counted_for_evict'),
    datasetBytes: number('used_memory_dataset'),
    keys: sum(/keys=(\d+)/),
    expires: sum(/expires=(\d+)/),
    commandsPerSecond: number('instantaneous_ops_per_sec'),
    configFile: info.get('config_file') ?? '',
    setsTogether: engine === 'valkey' || Number(version.split('.')[0]) >= 7,
    version,
    engine,
  }
}

/** What maxmemory is compared with. */
export function countedBytes({ usedMemoryBytes, notCountedBytes }: NodeSettings): number {
  return usedMemoryBytes - notCountedBytes
}
