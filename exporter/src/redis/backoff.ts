/** The wait behind the second failure in a row; it doubles with each further one. Milliseconds. */
const FIRST_MS = 100
const LONGEST_MS = 30_000

/**
 * When to try again what failed. One failure may be a restart, so the next attempt is free; from then on each wait is
 * twice as long as the last, so that what was away for some time is found again within about the same time. Waits are
 * cut by up to a half at random: many that failed together shall not come back together.
 */
export class Backoff<T> {
  #failures = 0
  #until = 0
  #reason: T | undefined

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly random: () => number = Math.random,
  ) {}

  /** Why it is too early for another attempt; undefined when it is not. */
  get tooEarly(): T | undefined {
    return this.now() < this.#until ? this.#reason : undefined
  }

  failed(reason: T): void {
    const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#failures - 1))
    this.#until = this.#failures === 0 ? 0 : this.now() + wait * (1 - this.random() / 2)
    this.#failures++
    this.#reason = reason
  }

  /** It works, or there is reason to believe that it does again. */
  reset(): void {
    this.#failures = 0
    this.#until = 0
    this.#reason = undefined
  }
}
