import type { InfoFields } from '../../../redis/info.js'
import { count } from '../../figures.js'

/** What a look at a target primary has found. */
export interface MemoryLook {
  readonly usedBytes: number
  /** 0: no limit. */
  readonly maxBytes: number
  readonly evictedKeys: number
  /** How much the tables of keys take at once when they grow next; bytes. */
  readonly growthBytes: number
}

/** @param oneTable whether all keys of the node share a table that doubles at once (before Redis 7.4 and Valkey 8) */
export function memoryLook(info: InfoFields, oneTable: boolean): MemoryLook {
  const number = (name: string) => Number(info.get(name) ?? 0)
  const db = info.get('db0') ?? ''
  const grows = (count: number) => (oneTable && count > 0 ? 16 * 2 ** Math.ceil(Math.log2(count + 1)) : 0)
  return {
    // Not counted by the server either when it decides whether to evict.
    usedBytes: number('used_memory') - number('mem_not_counted_for_evict'),
    maxBytes: number('maxmemory'),
    evictedKeys: number('evicted_keys'),
    growthBytes:
      grows(Number(/keys=(\d+)/.exec(db)?.[1] ?? 0)) + grows(Number(/expires=(\d+)/.exec(db)?.[1] ?? 0)),
  }
}

/** How full a node may be made: the share that was asked for, and no more than leaves its tables room to grow. */
export function fillLimit({ maxBytes, growthBytes }: MemoryLook, share: number): number {
  return maxBytes === 0 ? Infinity : Math.min(maxBytes * share, maxBytes - growthBytes)
}

/** What may be sent without another look where there is no limit: one may be set at any time. */
const UNLIMITED_BYTES = 64 * 1024 ** 2
/** Others write, too, and costs are estimates: half of what is free is spent before the next look. */
const SPENT_OF_FREE = 0.5
/** How long evictions must have stopped before more is written. */
const CALM_MS = 5000

/**
 * How much may be sent to one target primary before it is looked at again, so that no key is ever evicted for what is
 * written: what is sent never exceeds what the last look found free.
 */
export class Headroom {
  #allowance = 0
  #look: MemoryLook | undefined
  #evictedAt = -Infinity
  #outOfMemoryAt = -Infinity

  /** @param limitBytes a smaller limit than the node's own (of a replica); Infinity: none */
  constructor(
    private readonly share: number,
    private readonly limitBytes: number,
    private readonly now: () => number,
  ) {}

  /** @param behindBytes costs that were sent after this look was asked for */
  looked(look: MemoryLook, behindBytes: number): void {
    if (this.#look && look.evictedKeys > this.#look.evictedKeys) this.#evictedAt = this.now()
    const limited = look.maxBytes === 0 ? this.limitBytes : Math.min(look.maxBytes, this.limitBytes)
    this.#look = { ...look, maxBytes: limited === Infinity ? 0 : limited }
    const free = fillLimit(this.#look, this.share) - look.usedBytes
    this.#allowance = Math.min(UNLIMITED_BYTES, free * SPENT_OF_FREE) - behindBytes
  }

  /** The node has said that it is out of memory. */
  refused(): void {
    this.#outOfMemoryAt = this.now()
    this.#allowance = 0
  }

  /** May be spent now; bytes; none while the node evicts. */
  get allowance(): number {
    return this.#unwell() ? 0 : this.#allowance
  }

  spend(bytes: number): void {
    this.#allowance -= bytes
  }

  /** Why so little may be written just after a look. */
  reason(): string {
    if (!this.#look) return 'it was not looked at yet'
    const { usedBytes, evictedKeys, maxBytes } = this.#look
    if (this.now() - this.#evictedAt < CALM_MS)
      return `it evicts keys (${count(evictedKeys)} so far); waits until that has stopped for ${CALM_MS / 1000} s`
    if (this.now() - this.#outOfMemoryAt < CALM_MS) return 'it refuses writes: out of memory'
    const percent = Math.round((usedBytes / maxBytes) * 100)
    return `${count(usedBytes)} of ${count(maxBytes)} bytes are used (${percent} %), which leaves no room below limits.memoryShare ${this.share}; free memory or raise maxmemory, or cancel`
  }

  #unwell(): boolean {
    const since = Math.max(this.#evictedAt, this.#outOfMemoryAt)
    return this.now() - since < CALM_MS
  }
}
