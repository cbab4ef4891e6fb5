/**
 * How many keys this run may have written without knowing it: it finds them `existing` when it comes to them again. A
 * connection that ends before the answer leaves such keys, and a process that ends leaves those that it sent behind its
 * last checkpoint. So that these have a bound, a checkpoint says how many may be sent until the next.
 */
export class Doubt {
  /** Found existing after they were sent once without an answer. */
  #found = 0
  /** Found existing in slots whose keys were counted before. */
  #passed: number
  #admitted = 0
  /** Admitted, and not in the counts of a checkpoint yet. */
  #open = 0
  /** No more than so many are admitted before another checkpoint. */
  #limit = 0
  #markedAt = 0
  /** How many are asked for at once. */
  #wanted = 0
  readonly #mostAhead: number

  /**
   * @param before what the last checkpoint of a former process held
   * @param passed that, too
   * @param save makes a checkpoint, which takes `mark()`
   * @param limit of the keys that the run may write: what is in doubt when a process ends is lost to it, so not much is
   */
  constructor(
    private readonly before: number,
    passed: number,
    private readonly save: () => Promise<void>,
    limit = Infinity,
  ) {
    this.#mostAhead = limit / 20
    this.#passed = passed
  }

  /**
   * How many keys the run may have written that it does not count as written.
   * @param existing how many it counts as existing; what it wrote has been found again, as one of these or passed over
   */
  most(existing: number): number {
    return Math.min(this.all, existing + this.#passed)
  }

  /** As `most`, for a run that ends before it has come to all keys again. */
  get all(): number {
    return this.before + this.#found
  }

  /** Resolves when so many keys may be sent. @throws what `save` throws */
  async admit(count: number): Promise<void> {
    this.#wanted = count
    while (this.#admitted + count > this.#limit) {
      this.#wanted = Math.max(this.#wanted, count)
      await this.save()
    }
    this.#admitted += count
    this.#open += count
  }

  /** So many that were admitted are counted, or are not sent after all. */
  settle(count: number): void {
    this.#open -= count
  }

  /** One that was sent without an answer was found existing when it was sent again. */
  foundAgain(): void {
    this.#found++
  }

  /** One was found existing that is not counted, because keys of its slot were counted before. */
  passOver(): void {
    this.#passed++
  }

  /** For a checkpoint: how many are in doubt if the process ends with it. To be confirmed when it is durable. */
  mark(): { readonly doubt: number; readonly passed: number; readonly confirm: () => void } {
    const twice = 2 * Math.max(this.#wanted, this.#admitted - this.#markedAt)
    const ahead = Math.max(this.#wanted, Math.min(twice, Math.floor(this.#mostAhead)))
    this.#markedAt = this.#admitted
    const limit = this.#admitted + ahead
    // Until it is known which of two checkpoints holds, both do.
    this.#limit = Math.min(this.#limit, limit)
    return {
      doubt: this.all + this.#open + ahead,
      passed: this.#passed,
      confirm: () => (this.#limit = limit),
    }
  }
}
