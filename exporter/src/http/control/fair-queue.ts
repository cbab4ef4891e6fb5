import { Refusal } from './problem.js'

/** Lets so many at a time do what is dear, those who ask in turn: whoever asks often waits behind itself alone. */
export class FairQueue {
  #busy = 0
  readonly #waiting = new Map<string, (() => void)[]>()

  /** @param mostOfOne how often one may wait at a time */
  constructor(
    private readonly atOnce: number,
    private readonly mostOfOne = Infinity,
  ) {}

  /** @throws Refusal `rate-limited` */
  async run<T>(who: string, act: () => Promise<T>): Promise<T> {
    await this.#turn(who)
    try {
      return await act()
    } finally {
      this.#next()
    }
  }

  async #turn(who: string): Promise<void> {
    if (this.#busy < this.atOnce) {
      this.#busy++
      return
    }
    const waiting = this.#waiting.get(who) ?? []
    if (waiting.length >= this.mostOfOne)
      throw new Refusal('rate-limited', `${this.mostOfOne} such requests of this token wait; ask again later`)
    this.#waiting.set(who, waiting)
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  /** Hands on a place: to whoever waits longest, who then stands behind the others. */
  #next(): void {
    const first = this.#waiting.entries().next().value
    if (!first) {
      this.#busy--
      return
    }
    const [who, waiting] = first
    const wake = waiting.shift()!
    this.#waiting.delete(who)
    if (waiting.length > 0) this.#waiting.set(who, waiting)
    wake()
  }
}
