export interface Amount {
  readonly keys: number
  readonly bytes: number
}

/** One cap; Infinity: none. */
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
    return this.limit === Infinity ? Infinity : this.#durable - this.#used - this.#out
  }

  get isIdle(): boolean {
    return this.#out === 0
  }

  reserve(more: number): boolean {
    const next = Math.min(this.limit, this.reserved + more)
    if (this.limit === Infinity || next <= this.reserved) return false
    this.reserved = next
    return true
  }

  confirm(reserved: number): void {
    this.#durable = Math.max(this.#durable, reserved)
  }

  take(most: number): number {
    if (this.limit === Infinity) return Infinity
    const taken = Math.min(most, this.free)
    this.#out += taken
    return taken
  }

  settle(taken: number, used: number): void {
    if (this.limit === Infinity) return
    this.#out -= taken
    this.#used += used
  }
}

/**
 * The caps of a run. What may be unlinked is reserved in a checkpoint before it is; what was reserved and is not known
 * to have come to nothing counts as used. So a cap holds over a kill at any instant, at the price that what was
 * reserved then is lost to the run.
 */
export class Quota {
  readonly #keys: Cap
  readonly #bytes: Cap

  /** @param reserved what a former process had reserved */
  constructor(limits: Amount, reserved: Amount = { keys: 0, bytes: 0 }) {
    this.#keys = new Cap(limits.keys, reserved.keys)
    this.#bytes = new Cap(limits.bytes, reserved.bytes)
  }

  /** For the checkpoint. */
  get reserved(): Amount {
    return { keys: this.#keys.reserved, bytes: this.#bytes.reserved }
  }

  /** Nothing that was taken may come back. */
  get isIdle(): boolean {
    return this.#keys.isIdle && this.#bytes.isIdle
  }

  /** Takes of what a checkpoint holds; undefined: that is not enough. Infinity stands for what has no cap. */
  take(most: Amount, neededBytes: number): Amount | undefined {
    if (this.#keys.free <= 0 || this.#bytes.free < neededBytes) return undefined
    return { keys: this.#keys.take(most.keys), bytes: this.#bytes.take(most.bytes) }
  }

  /**
   * Asks for so much more, as far as the caps go: `reserved` has it, and it may be taken once that is confirmed.
   * @returns whether there was anything to ask for
   */
  reserve(more: Amount): boolean {
    const [keys, bytes] = [this.#keys.reserve(more.keys), this.#bytes.reserve(more.bytes)]
    return keys || bytes
  }

  /** A checkpoint holds this. */
  confirm(reserved: Amount): void {
    this.#keys.confirm(reserved.keys)
    this.#bytes.confirm(reserved.bytes)
  }

  /** @param used what came of it; where that is not known, all of it */
  settle(taken: Amount, used: Amount = taken): void {
    this.#keys.settle(taken.keys, used.keys)
    this.#bytes.settle(taken.bytes, used.bytes)
  }
}
