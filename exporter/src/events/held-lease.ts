import type { EventLog, Fence, Lease } from './log.js'

export interface LeaseOptions {
  readonly log: Pick<EventLog, 'acquire' | 'release'>
  /** This process, unlike all others that ever were: a restart is another. */
  readonly owner: string
  /** How long a lease lasts that is not renewed; 10 s unless given. */
  readonly ttlMs?: number
  /** A clock that nobody sets; ms. */
  readonly now?: () => number
}

const TTL_MS = 10_000
/** So much of a lease's time is left unused: for the clocks, and for what is on its way. */
const MARGIN = 0.2
const RENEWALS = 3

let takes = 0

/** The process that has or had a lease, as its `owner` was given. */
export function processOf({ owner }: Pick<Lease, 'owner'>): string {
  return owner.replace(/#\d+$/, '')
}

/**
 * A lease that this process has, kept up until it is released or lost. Its time counts from before it was asked for,
 * by a clock of this process, so that it is over here before it is over for the log. Every take has a token of its
 * own, also within a process.
 */
export class HeldLease {
  readonly #lost = new AbortController()
  #timer: NodeJS.Timeout | undefined
  /** The question that the log is asked, and the one after it. */
  #asking: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  #released = false

  private constructor(
    readonly fence: Fence,
    private readonly owner: string,
    private readonly options: Required<LeaseOptions>,
    private until: number,
  ) {
    this.#later()
  }

  /**
   * Takes a lease, if it is free.
   * @returns undefined while another has it
   * @throws LogUnavailable
   */
  static async take(lease: string, given: LeaseOptions): Promise<HeldLease | undefined> {
    const options = { ttlMs: TTL_MS, now: () => performance.now(), ...given }
    const owner = `${options.owner}#${++takes}`
    const until = options.now() + options.ttlMs * (1 - MARGIN)
    const got = await options.log.acquire(lease, owner, options.ttlMs)
    if (got.owner !== owner) return undefined
    return new HeldLease({ lease, token: got.token }, owner, options, until)
  }

  /** Aborted as soon as it is known that the lease is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Whether what is done at this very moment is done under the lease. */
  isHeld(): boolean {
    if (this.options.now() >= this.until) this.lose()
    return !this.#released && !this.#lost.signal.aborted
  }

  /**
   * Asks the log whether it is held still, and renews it; see `isHeld` then. Whoever asks while an answer is on its way
   * shares the next one: what this says was so after it was called.
   * @throws LogUnavailable
   */
  confirm(): Promise<void> {
    return (this.#next ??= this.#asking.then(() => {
      this.#next = undefined
      const answer = this.#ask()
      this.#asking = answer.catch(() => undefined)
      return answer
    }))
  }

  /** Another has it, or may have it. */
  lose(): void {
    clearTimeout(this.#timer)
    this.#lost.abort()
  }

  /** Frees the lease for others, where the log takes that; else it runs out. */
  async release(): Promise<void> {
    clearTimeout(this.#timer)
    const held = this.isHeld()
    this.#released = true
    if (held) await this.options.log.release(this.fence).catch(() => undefined)
  }

  #later(): void {
    const { ttlMs, now } = this.options
    const ms = Math.max(0, Math.min(ttlMs / RENEWALS, this.until - now()))
    this.#timer = setTimeout(() => void this.#renew(), ms)
    this.#timer.unref()
  }

  async #renew(): Promise<void> {
    // Where the log does not answer it is tried again as long as the lease lasts.
    await this.confirm().catch(() => undefined)
    if (this.isHeld()) this.#later()
  }

  async #ask(): Promise<void> {
    if (!this.isHeld()) return
    const { log, ttlMs, now } = this.options
    const { lease, token } = this.fence
    const until = now() + ttlMs * (1 - MARGIN)
    const got = await log.acquire(lease, this.owner, ttlMs)
    if (got.owner === this.owner && got.token === token) this.until = until
    else this.lose()
    // It had run out, was another's and is free again: not ours by this token any more.
    if (got.owner === this.owner && got.token !== token) await log.release({ lease, token: got.token })
  }
}

/** Stands for a lease for as long as this process lives: whoever asks it, asks for the lease while another has it. */
export class Candidate {
  #held: HeldLease | undefined
  #asking: Promise<Fence | undefined> | undefined

  constructor(
    private readonly lease: string,
    private readonly options: LeaseOptions,
  ) {}

  /** The fence, while this process has the lease; takes it when it is free. @throws LogUnavailable */
  fence(): Promise<Fence | undefined> {
    if (this.#held?.isHeld()) return Promise.resolve(this.#held.fence)
    return (this.#asking ??= this.#take().finally(() => (this.#asking = undefined)))
  }

  async release(): Promise<void> {
    await this.#asking?.catch(() => undefined)
    await this.#held?.release()
    this.#held = undefined
  }

  async #take(): Promise<Fence | undefined> {
    this.#held = await HeldLease.take(this.lease, this.options)
    return this.#held?.fence
  }
}
