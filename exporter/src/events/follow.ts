import type { StoredEvent } from '../contract/events.js'
import type { EventLog } from './log.js'

const PAGE = 500

/** Wakes who waits for events that are appended. */
export class News {
  #count = 0
  readonly #waiting = new Set<() => void>()

  /** How often there was something new. */
  get count(): number {
    return this.#count
  }

  /** There is something new, or the log ended: let them look. */
  announce(): void {
    this.#count++
    for (const wake of this.#waiting) wake()
  }

  /** Resolves when there was news after `count`, or when the signal is aborted. */
  async after(count: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== count || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}

/**
 * Reads on page by page and waits for news where there is none: nothing is read before it is asked for, so that a slow
 * reader costs one page.
 */
export async function* follow(
  log: Pick<EventLog, 'read'>,
  news: News,
  after: string,
  signal: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  const over = () => signal.aborted
  let position = after
  while (!over()) {
    const seen = news.count
    const page = await log.read({ after: position, limit: PAGE })
    for (const event of page.events) {
      if (over()) return
      yield event
    }
    position = page.next
    if (page.events.length === 0) await news.after(seen, signal)
  }
}
