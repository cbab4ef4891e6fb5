const MINUTE_MS = 60_000

/** How much each of several may spend: so much at once, and so much a minute after that. */
export class Budget {
  readonly #spent = new Map<string, { readonly left: number; readonly at: number }>()

  /** @param clock milliseconds since the epoch */
  constructor(
    private readonly atOnce: number,
    private readonly aMinute: number,
    private readonly clock: () => number,
  ) {}

  left(who: string): number {
    return Math.floor(this.#left(who))
  }

  spend(who: string, amount: number): void {
    this.#spent.set(who, { left: this.#left(who) - amount, at: this.clock() })
  }

  #left(who: string): number {
    const known = this.#spent.get(who)
    if (!known) return this.atOnce
    // A clock that was set back takes nothing away.
    const minutes = Math.max(0, this.clock() - known.at) / MINUTE_MS
    return Math.min(this.atOnce, known.left + minutes * this.aMinute)
  }
}
