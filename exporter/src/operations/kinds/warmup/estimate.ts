import type { ShardFit } from '../../../contract/kinds/warmup.js'
import { SLOTS } from '../../../redis/slots.js'
import type { SlotSet } from '../../slots/slot-set.js'

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

export interface Estimate {
  readonly keys: number
  readonly bytes: number
  /** Left out, by why. */
  readonly left: Readonly<Record<'excluded' | 'tooBig' | 'unsupported', number>>
  readonly types: Readonly<Record<string, number>>
  /** Of the keys that are copied. */
  readonly withoutTtl: number
  readonly shards: readonly ShardFit[]
  readonly exact: boolean
  /** Some of the keys that are copied. */
  readonly shown: readonly SampledKey[]
  /** More of them, from all that were looked at alike, each with how many it stands for. */
  readonly spread: readonly { readonly key: SampledKey; readonly weight: number }[]
}

/** So many of the keys that are copied are shown. */
const SHOWN = 20
/** So many of them at most are asked for in the target. */
const SPREAD = 2000

/** Adds up what a run would do, key by key, whatever share of the keys is looked at. */
export class Estimator {
  readonly #left = { excluded: 0, tooBig: 0, unsupported: 0 }
  readonly #types: Record<string, number> = {}
  readonly #shards: { keys: number; bytes: number }[]
  readonly #bySlot: Int16Array
  readonly #shown: SampledKey[] = []
  #spread: { key: SampledKey; weight: number }[] = []
  /** Each so-manieth key is taken into the spread. */
  #stride = 1
  #copied = 0
  #keys = 0
  #bytes = 0
  #withoutTtl = 0
  /** Whether every key was looked at. */
  exact = true

  constructor(private readonly targets: readonly TargetShard[]) {
    this.#shards = targets.map(() => ({ keys: 0, bytes: 0 }))
    this.#bySlot = Int16Array.from({ length: SLOTS }, (_, slot) =>
      targets.findIndex(({ slots }) => slots.has(slot)),
    )
  }

  /** @param weight how many keys this one stands for */
  add(key: SampledKey, weight = 1): void {
    if (key.fate !== 'copied') {
      this.#left[key.fate] += weight
      return
    }
    this.#keys += weight
    this.#bytes += weight * key.bytes
    this.#types[key.type] = (this.#types[key.type] ?? 0) + weight
    if (key.ttlMs < 0) this.#withoutTtl += weight
    if (this.#shown.length < SHOWN) this.#shown.push(key)
    if (this.#copied++ % this.#stride === 0) this.#take(key, weight)
    const shard = this.#shards[this.#bySlot[key.slot]!]
    if (!shard) return
    shard.keys += weight
    shard.bytes += weight * key.bytes
  }

  /** Adds some keys of a node, which stand for all `keys` that it has. */
  addNode(keys: number, sample: readonly SampledKey[]): void {
    if (sample.length < keys) this.exact = false
    for (const key of sample) this.add(key, keys / sample.length)
  }

  #take(key: SampledKey, weight: number): void {
    this.#spread.push({ key, weight })
    if (this.#spread.length < SPREAD) return
    this.#spread = this.#spread.filter((_, i) => i % 2 === 0)
    this.#stride *= 2
  }

  result(): Estimate {
    return {
      keys: Math.round(this.#keys),
      bytes: Math.round(this.#bytes),
      left: rounded(this.#left),
      types: rounded(this.#types),
      withoutTtl: Math.round(this.#withoutTtl),
      exact: this.exact,
      shown: this.#shown,
      spread: this.#spread,
      shards: this.targets.map((target, i) => fitOf(target, this.#shards[i]!)),
    }
  }
}

function fitOf(
  { shard, node, usedBytes, limitBytes, maxBytes }: TargetShard,
  { keys, bytes }: { keys: number; bytes: number },
): ShardFit {
  const room = limitBytes - usedBytes
  return {
    shard,
    node,
    role: 'primary',
    keys: Math.round(keys),
    bytes: Math.round(bytes),
    usedBytes,
    maxBytes,
    headroomBytes: maxBytes === 0 ? 0 : Math.max(0, Math.round(room)),
    fits: bytes <= room,
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
