import type { Rate } from '../../../contract/operations.js'
import { Bucket } from '../../pacing/bucket.js'
import type { Amount, Quota } from './quota.js'

export interface PaceOptions {
  readonly rate: () => Rate
  readonly now: () => number
  readonly quota: Quota
  /** What may be unlinked in all: the caps, or about what there is. */
  readonly inAll: Amount
  /** Resolves when the run may go on: it is neither paused nor held up by a gate. Rejects when it shall end. */
  readonly turn: () => Promise<void>
  /** Makes the quota's reservation durable. */
  readonly save: () => Promise<void>
}

/** Of one page. */
const MOST_KEYS = 1000
/** What one page may take of a cap of bytes, unless one key needs more. */
const BYTES_A_PAGE = 4 * 1024 ** 2
/** What is reserved at once: two seconds' work, and a part of all. A kill loses it to the run. */
const RESERVE_SECONDS = 2
const RESERVE_SHARE = 0.05
/** So many nodes find something in what is reserved. */
const PAGES_AT_ONCE = 8
const LOOK_AGAIN_MS = 20

/** How fast keys may be unlinked, and how many in all. Of the whole run, however many nodes are worked on at once. */
export class Pace {
  readonly #keys: Bucket
  readonly #bytes: Bucket
  #reserving: Promise<void> | undefined

  constructor(private readonly options: PaceOptions) {
    const { rate, now } = options
    this.#keys = new Bucket(() => rate().keysPerSecond, now)
    this.#bytes = new Bucket(() => rate().bytesPerSecond, now)
  }

  /** How many keys one page unlinks at most: so few that a slow rate is even, too. */
  get #slice(): number {
    const { keysPerSecond = Infinity } = this.options.rate()
    return Math.max(1, Math.min(MOST_KEYS, Math.floor(keysPerSecond / 20)))
  }

  /** Whether nodes are given as much time for others as they are busy with this. */
  get isGentle(): boolean {
    const { keysPerSecond, bytesPerSecond } = this.options.rate()
    return keysPerSecond !== undefined || bytesPerSecond !== undefined
  }

  /**
   * How much the next page may unlink. What is owed is waited for: pages pay afterwards, since nobody knows before how
   * many of their keys match.
   * @param neededBytes of the next key, where it is known
   * @returns undefined: a cap is reached
   * @throws what ends the run
   */
  async admit(neededBytes = 1): Promise<Amount | undefined> {
    const { quota, turn } = this.options
    for (;;) {
      await turn()
      const wait = Math.max(this.#keys.waitMs(), this.#bytes.waitMs())
      if (wait > 0) {
        await sleep(wait)
        continue
      }
      const { keys, bytes } = this.#open(neededBytes)
      const slice = {
        keys: Math.min(this.#slice, Math.ceil(keys / PAGES_AT_ONCE)),
        bytes: Math.max(neededBytes, Math.min(BYTES_A_PAGE, Math.ceil(bytes / PAGES_AT_ONCE))),
      }
      const taken = quota.take(slice, neededBytes)
      if (taken) return taken
      if (await this.#reserve(neededBytes)) continue
      // What others have taken may yet come to nothing.
      if (quota.isIdle) return undefined
      await sleep(LOOK_AGAIN_MS)
    }
  }

  /** @param used what a page has unlinked; undefined: it is not known */
  settle(taken: Amount, used: Amount | undefined): void {
    this.options.quota.settle(taken, used)
    this.#keys.take(used?.keys ?? 0)
    this.#bytes.take(used?.bytes ?? 0)
  }

  /** @returns whether there may be more now */
  async #reserve(neededBytes: number): Promise<boolean> {
    if (this.#reserving) {
      await this.#reserving
      return true
    }
    const { quota, save } = this.options
    if (!quota.reserve(this.#open(neededBytes))) return false
    this.#reserving = save()
    try {
      await this.#reserving
    } finally {
      this.#reserving = undefined
    }
    return true
  }

  /** How much may be reserved and not be used yet. */
  #open(neededBytes: number): Amount {
    const { rate, inAll } = this.options
    const { keysPerSecond = Infinity, bytesPerSecond = Infinity } = rate()
    const part = (all: number, perSecond: number) =>
      Math.max(1, Math.ceil(Math.min(all * RESERVE_SHARE, perSecond * RESERVE_SECONDS)))
    return {
      keys: part(inAll.keys, keysPerSecond),
      bytes: Math.max(neededBytes, part(inAll.bytes, bytesPerSecond)),
    }
  }
}

/** Not longer than a rate that is raised, or a cancel, may be noticed late. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(ms, 250)))
}
