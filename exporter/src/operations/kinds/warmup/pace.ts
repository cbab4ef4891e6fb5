import type { Rate } from '../../../contract/operations.js'
import { Bucket } from '../../pacing/bucket.js'

export interface PaceOptions {
  readonly rate: () => Rate
  readonly now: () => number
  /** `limits` of the spec. */
  readonly limits: { readonly keys?: number | undefined; readonly bytes?: number | undefined }
  /** What was written before this process; `doubt`: so many keys more, at most, which count as written here. */
  readonly before: { readonly written: number; readonly bytes: number; readonly doubt: number }
  /** Resolves when the run may go on. Rejects when it shall end. */
  readonly turn: () => Promise<void>
}

const MOST_A_SLICE = 1024
const LOOK_AGAIN_MS = 20

/** How fast keys may be read, and how many in all. Of the whole run, however many nodes are read at once. */
export class Pace {
  readonly #keys: Bucket
  readonly #bytes: Bucket
  #written: number
  #writtenBytes: number
  /** Keys admitted of which it is not known yet whether they will be written. */
  #reserved = 0

  constructor(private readonly options: PaceOptions) {
    const { rate, now, before } = options
    this.#keys = new Bucket(() => rate().keysPerSecond, now)
    this.#bytes = new Bucket(() => rate().bytesPerSecond, now)
    this.#written = before.written + before.doubt
    this.#writtenBytes = before.bytes
  }

  /** How many keys are asked for at once: so few that a slow rate is even, and that few of a limit are ever in doubt. */
  get slice(): number {
    const { keysPerSecond = Infinity } = this.options.rate()
    const { keys = Infinity } = this.options.limits
    return Math.max(1, Math.min(MOST_A_SLICE, Math.floor(keysPerSecond / 20), Math.floor(keys / 20)))
  }

  /**
   * How many may be read now, at most `count`; 0: the limit of the run is reached. Waits for the rate, for a pause, and
   * for keys that may yet come to nothing, so that others take their place.
   * @throws what ends the run
   */
  async admit(count: number): Promise<number> {
    for (;;) {
      await this.options.turn()
      const wait = Math.max(this.#keys.waitMs(), this.#bytes.waitMs())
      const left = this.#left()
      if (wait === 0 && left > 0) {
        const admitted = Math.min(count, left)
        this.#reserved += admitted
        this.#keys.take(admitted)
        return admitted
      }
      if (wait === 0 && this.#reserved === 0) return 0
      await sleep(wait === 0 ? LOOK_AGAIN_MS : wait)
    }
  }

  /** Waits until the bytes that were told are paid for. @throws what ends the run */
  async paid(): Promise<void> {
    for (;;) {
      await this.options.turn()
      const wait = this.#bytes.waitMs()
      if (wait === 0) return
      await sleep(wait)
    }
  }

  /** Waits like `paid`, then counts bytes that are read but not copied. @returns as readKeys wants it */
  async pass(bytes: number): Promise<() => void> {
    await this.paid()
    this.#bytes.take(bytes)
    return () => undefined
  }

  /** Admitted keys that are not copied. */
  dropped(count: number): void {
    this.#keys.take(-count)
    this.#reserved -= count
  }

  sent(bytes: number): void {
    this.#bytes.take(bytes)
  }

  /** What became of an admitted key that was sent. */
  settled(writtenBytes: number | undefined): void {
    if (writtenBytes !== undefined) {
      this.#written++
      this.#writtenBytes += writtenBytes
    }
    this.#reserved--
  }

  get limitReached(): boolean {
    const { keys = Infinity, bytes = Infinity } = this.options.limits
    return this.#written >= keys || this.#writtenBytes >= bytes
  }

  #left(): number {
    const { keys = Infinity } = this.options.limits
    return this.limitReached ? 0 : keys - this.#written - this.#reserved
  }
}

/** Not longer than a rate that is raised, or a cancel, may be noticed late. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(ms, 250)))
}
