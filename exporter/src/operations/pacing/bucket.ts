/**
 * A token bucket that may go into debt: whoever takes is served at once when nothing is owed, and the next one waits
 * until the debt is paid. So what is taken need not be known beforehand, and the average is the rate.
 */
export class Bucket {
  #tokens = 0
  #at: number

  /** @param rate tokens a second, asked anew each time; undefined: no limit. @param now ms */
  constructor(
    private readonly rate: () => number | undefined,
    private readonly now: () => number,
  ) {
    this.#at = now()
  }

  take(count: number): void {
    this.#refill()
    if (this.rate() !== undefined) this.#tokens -= count
  }

  /** How long to wait before the next may take; ms; 0: at once. */
  waitMs(): number {
    const rate = this.#refill()
    return rate === undefined || this.#tokens >= 0 ? 0 : (-this.#tokens / rate) * 1000
  }

  /** Idle time is saved up for a fifth of a second only: enough for a timer that is late, not for a burst. */
  #refill(): number | undefined {
    const rate = this.rate()
    const now = this.now()
    this.#tokens =
      rate === undefined ? 0 : Math.min(rate / 5, this.#tokens + ((now - this.#at) / 1000) * rate)
    this.#at = now
    return rate
  }
}
