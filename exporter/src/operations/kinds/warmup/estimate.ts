import type { SlotSet } from './slot-set.js'

/** A key of the source that was looked at. */
export interface SampledKey {
  readonly key: Buffer
  readonly slot: number
  readonly type: string
  /** Negative: it never expires. */
  readonly ttlMs: number
  /** What it takes at the source. */
  readonly bytes: number
  /** What a run does with it. */
  readonly fate: 'copied' | 'excluded' | 'tooBig' | 'unsupported'
}

/** A source node with some of its keys, or all of them. */
export interface NodeSample {
  /** How many keys it has. */
  readonly keys: number
  readonly sample: readonly SampledKey[]
}

/** A primary of the target as the plan needs it. */
export interface TargetShard {
  readonly shard: string
  readonly node: string
  readonly slots: SlotSet
  readonly usedBytes: number
  /** How full it may be made; Infinity: no limit. */
  readonly limitBytes: number
  /** 0: unlimited. */
  readonly maxBytes: number
}

export interface ShardFit {
  readonly shard: string
  readonly node: string
  readonly role: 'primary'
  readonly keys: number
  readonly bytes: number
  readonly usedBytes: number
  readonly maxBytes: number
  readonly headroomBytes: number
  readonly fits: boolean
}

export interface Estimate {
  readonly keys: number
  readonly bytes: number
  /** Left out, by why. */
  readonly left: Readonly<Record<'excluded' | 'tooBig' | 'unsupported', number>>
  readonly types: Readonly<Record<string, number>>
  /** Of the keys that are copied. */
  readonly withoutTtl: number
  readonly shards: readonly ShardFit[]
  /** Whether every key was looked at. */
  readonly exact: boolean
}

/** Makes of samples what they stand for: each key of a node's sample counts for as many as the node has for it. */
export function estimate(nodes: readonly NodeSample[], targets: readonly TargetShard[]): Estimate {
  const left = { excluded: 0, tooBig: 0, unsupported: 0 }
  const types: Record<string, number> = {}
  const shards = targets.map(() => ({ keys: 0, bytes: 0 }))
  let [keys, bytes, withoutTtl] = [0, 0, 0]
  for (const { keys: total, sample } of nodes) {
    const weight = sample.length === 0 ? 0 : total / sample.length
    for (const one of sample) {
      if (one.fate !== 'copied') {
        left[one.fate] += weight
        continue
      }
      keys += weight
      bytes += weight * one.bytes
      types[one.type] = (types[one.type] ?? 0) + weight
      if (one.ttlMs < 0) withoutTtl += weight
      const shard = shards[targets.findIndex(({ slots }) => slots.has(one.slot))]
      if (!shard) continue
      shard.keys += weight
      shard.bytes += weight * one.bytes
    }
  }
  return {
    keys: Math.round(keys),
    bytes: Math.round(bytes),
    left: rounded(left),
    types: rounded(types),
    withoutTtl: Math.round(withoutTtl),
    exact: nodes.every((node) => node.sample.length >= node.keys),
    shards: targets.map(({ shard, node, usedBytes, limitBytes, maxBytes }, i) => {
      const { keys: ofShard, bytes: bytesOfShard } = shards[i]!
      const room = limitBytes - usedBytes
      return {
        shard,
        node,
        role: 'primary',
        keys: Math.round(ofShard),
        bytes: Math.round(bytesOfShard),
        usedBytes,
        maxBytes,
        headroomBytes: maxBytes === 0 ? 0 : Math.max(0, Math.round(room)),
        fits: bytesOfShard <= room,
      }
    }),
  }
}

function rounded<Name extends string>(numbers: Readonly<Record<Name, number>>): Record<Name, number> {
  return Object.fromEntries(
    Object.entries<number>(numbers).map(([name, value]) => [name, Math.round(value)]),
  ) as Record<Name, number>
}

/** What one process and one cluster manage without a limit, keys a second: an estimate has to start somewhere. */
const UNLIMITED_KEYS_PER_SECOND = 100_000

export function estimateSeconds(
  keys: number,
  bytes: number,
  rate: { readonly keysPerSecond?: number | undefined; readonly bytesPerSecond?: number | undefined },
): number {
  const { keysPerSecond = UNLIMITED_KEYS_PER_SECOND, bytesPerSecond = Infinity } = rate
  return Math.max(1, Math.ceil(Math.max(keys / keysPerSecond, bytes / bytesPerSecond)))
}
