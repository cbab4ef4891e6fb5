import { setTimeout } from 'node:timers/promises'
import type { CommandLink } from '../../redis/command-link.js'
import type { News } from '../follow.js'
import { LOG, META } from './redis-streams-keys.js'
import { connect, type StreamsServer } from './redis-streams-link.js'

/** Less than the deadline of a command. */
const BLOCK_MS = 2000
export const RETRY_MS = 500

/**
 * Waits for events of whatever process, on a connection of its own, and announces them: followers then read them. It
 * announces a log that went back as well, and that the server is there again.
 */
export class StreamsTail {
  readonly #stop = new AbortController()
  #link: CommandLink | undefined
  #running: Promise<void> | undefined

  constructor(
    private readonly server: StreamsServer,
    private readonly news: News,
  ) {}

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#link?.close()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#watch().catch(() => undefined)
      await setTimeout(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Until the connection fails. */
  async #watch(): Promise<void> {
    const link = await connect(this.server)
    this.#link = link
    try {
      let position: string | undefined
      while (!this.#stop.signal.aborted) {
        const last = ((await link.call('HGET', META, 'last')) as string | null) ?? '0'
        if (last !== position) this.news.announce()
        position = last
        await link.call('XREAD', 'COUNT', '1', 'BLOCK', String(BLOCK_MS), 'STREAMS', LOG, `${position}-0`)
      }
    } finally {
      link.close()
      this.#link = undefined
    }
  }
}
