import { encodePipeline } from './frames.js'
import type { RawLink } from './raw-link.js'
import type { Replies } from './replies.js'

/** What even the least ACL user may ask. */
const REQUEST = encodePipeline([['INFO', 'server']])

/**
 * Opens a connection of its own from time to time: the one that is kept says nothing of whether the node takes new
 * ones (maxclients, a firewall, an expired certificate). It runs beside the readings, which show what it found last.
 */
export class ConnectProbe {
  /** What the last look found; undefined before the first. */
  last: Replies | undefined
  #dueAt: number
  #running = false

  /** @param everyMs how often; the first look comes that long after the start, when the kept connection is not new any more */
  constructor(
    private readonly link: RawLink,
    private readonly everyMs: number,
  ) {
    this.#dueAt = performance.now() + everyMs
  }

  /** Starts a look, if one is due. */
  lookIfDue(timeoutMs: number): void {
    const now = performance.now()
    if (this.#running || now < this.#dueAt) return
    this.#dueAt = now + this.everyMs
    this.#running = true
    void this.#look(timeoutMs).finally(() => (this.#running = false))
  }

  async #look(timeoutMs: number): Promise<void> {
    const started = performance.now()
    const link = this.link.sibling({}, { purpose: 'connect' })
    try {
      await link.exchange(REQUEST, 1, timeoutMs)
      this.last = { frames: [], durationSeconds: (performance.now() - started) / 1000 }
    } catch (error) {
      this.last = { frames: [], error: `a new connection: ${(error as Error).message}` }
    } finally {
      link.close()
    }
  }
}
