/** Something that is done again and again, and may fail. */
interface Act {
  readonly what: string
  readonly ms: number
  readonly act: () => Promise<void>
}

/**
 * Does things from time to time, and knows whether they work. What is still under way when it is due again (a hung disk
 * answers nothing, not even an error) counts as failing and is not begun a second time: it goes on when it has ended.
 */
export class Repeated {
  readonly #timers: NodeJS.Timeout[] = []
  readonly #failing = new Set<Act>()
  readonly #underWay = new Set<Act>()

  constructor(private readonly onError: (error: Error) => void) {}

  /** Whether all worked the last time. */
  get works(): boolean {
    return this.#failing.size === 0
  }

  /** @param what it is, for people: `a digest` */
  every(ms: number, what: string, act: () => Promise<void>): void {
    const one = { what, ms, act }
    this.#timers.push(setInterval(() => void this.#do(one), ms))
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #do(one: Act): Promise<void> {
    if (this.#underWay.has(one)) {
      this.#failing.add(one)
      this.onError(
        new Error(`${one.what} takes longer than ${one.ms / 1000} s; does its disk or its server hang?`),
      )
      return
    }
    this.#underWay.add(one)
    try {
      await one.act()
      this.#failing.delete(one)
    } catch (error) {
      this.#failing.add(one)
      this.onError(error as Error)
    } finally {
      this.#underWay.delete(one)
    }
  }
}
