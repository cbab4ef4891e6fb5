import type { EvictKeysSpec } from '../../../contract/kinds/evict-keys.js'
import type { PlanBody } from '../../../contract/operations.js'

/** What has to be overridden by the name of this check: that a larger share of the cluster's keys goes. */
export const SHARE_OF_KEYS = 'share-of-keys'
export const HUGE_SHARE = 0.5
/** However few keys there are, without a cap so many may be unlinked. */
export const ALL_AT_LEAST = 20_000

export interface Amount {
  readonly keys: number
  readonly bytes: number
}

/**
 * The caps of a run; Infinity: none. A plan counts once, and may count a sample: what matches when it is run may be much
 * more. So a share that its check would have forbidden is a cap where nobody overrode that check.
 */
export function limitsOf(
  { limits: { keys = Infinity, bytes = Infinity, share } }: Pick<EvictKeysSpec, 'limits'>,
  { counts: { total = 0 }, blockers = [] }: Pick<PlanBody, 'counts' | 'blockers'>,
): Amount {
  const isOverridden = blockers.some(({ check }) => check === SHARE_OF_KEYS)
  const ofAll = share === undefined ? Infinity : Math.floor(total * share)
  const unchecked = isOverridden ? Infinity : Math.max(ALL_AT_LEAST, Math.floor(total * HUGE_SHARE))
  return { keys: Math.min(keys, ofAll, unchecked), bytes }
}

/** What a checkpoint holds. */
export interface Reserved {
  readonly reserved: Amount
  /** Keys of which nobody would know whether they were unlinked, if the process ended now. */
  readonly unknown: number
}

/** One cap; Infinity: none, but what is reserved is known. */
class Cap {
  /** What a checkpoint holds for certain: no more than this is ever used. */
  #durable: number
  #used: number
  #out = 0

  constructor(
    readonly limit: number,
    /** What the next checkpoint holds. */
    public reserved: number,
  ) {
    this.#durable = reserved
    this.#used = reserved
  }

  get free(): number {
    return this.#durable - this.#used - this.#out
  }

  /** Reserved, and not known to be used. */
  get open(): number {
    return this.reserved - this.#used
  }

  get isIdle(): boolean {
    return this.#out === 0
  }

  /** @param most that may be open then */
  reserve(most: number): boolean {
    const next = Math.min(this.limit, this.#used + most)
    // While there is work on its way, not for a little: each time costs a checkpoint.
    if (next <= this.reserved || (!this.isIdle && next - this.reserved < most / 2)) return false
    this.reserved = next
    return true
  }

  confirm(reserved: number): void {
    this.#durable = Math.max(this.#durable, reserved)
  }

  take(most: number): number {
    const taken = Math.min(most, this.free)
    this.#out += taken
    return taken
  }

  settle(taken: number, used: number): void {
    this.#out -= taken
    this.#used += used
  }

  giveBack(): void {
    this.reserved = this.#used
  }
}

/**
 * The caps of a run. What may be unlinked is reserved in a checkpoint before it is; what was reserved and is not known
 * to have come to nothing counts as used. So a cap holds over a kill at any instant, and it is known how much at most
 * was unlinked, at the price that what was reserved then is lost to the run.
 */
export class Quota {
  readonly #keys: Cap
  readonly #bytes: Cap | undefined
  #unknown: number

  /** @param before what a former process had reserved */
  constructor(limits: Amount, before: Reserved = { reserved: { keys: 0, bytes: 0 }, unknown: 0 }) {
    this.#keys = new Cap(limits.keys, before.reserved.keys)
    this.#bytes = limits.bytes === Infinity ? undefined : new Cap(limits.bytes, before.reserved.bytes)
    this.#unknown = before.unknown
  }

  /** For the checkpoint. */
  get state(): Reserved {
    const reserved = { keys: this.#keys.reserved, bytes: this.#bytes?.reserved ?? 0 }
    return { reserved, unknown: this.#unknown + this.#keys.open }
  }

  /** Keys of which nobody knows whether they were unlinked: a process or a connection ended before that was told. */
  get unknown(): number {
    return this.#unknown
  }

  /** Nothing that was taken may come back. */
  get isIdle(): boolean {
    return this.#keys.isIdle
  }

  /** Takes of what a checkpoint holds; undefined: that is not enough. Infinity stands for bytes without a cap. */
  take(most: Amount, neededBytes: number): Amount | undefined {
    if (this.#keys.free <= 0 || (this.#bytes && this.#bytes.free < neededBytes)) return undefined
    return { keys: this.#keys.take(most.keys), bytes: this.#bytes?.take(most.bytes) ?? Infinity }
  }

  /**
   * Asks for more, as far as the caps go: the state has it, and it may be taken once that is confirmed.
   * @param open how much may be reserved and not be used yet
   * @returns whether there was anything to ask for
   */
  reserve(open: Amount): boolean {
    const [keys, bytes] = [this.#keys.reserve(open.keys), this.#bytes?.reserve(open.bytes) ?? false]
    return keys || bytes
  }

  /** A checkpoint holds this. */
  confirm({ keys, bytes }: Amount): void {
    this.#keys.confirm(keys)
    this.#bytes?.confirm(bytes)
  }

  /** @param used what came of it; undefined where that is not known */
  settle(taken: Amount, used: Amount | undefined): void {
    if (!used) this.#unknown += taken.keys
    this.#keys.settle(taken.keys, (used ?? taken).keys)
    this.#bytes?.settle(taken.bytes, (used ?? taken).bytes)
  }

  /** Nothing is on its way, and nothing more will be taken: what is open is nobody's. */
  giveBack(): void {
    this.#keys.giveBack()
    this.#bytes?.giveBack()
  }
}
