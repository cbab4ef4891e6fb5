import { PROXY } from './client'
import type { StoredEvent } from './contract'
import { ApiError } from './errors'

/** How events come: pushed, asked for again and again since pushing does not work here, or not yet. */
export type StreamState = 'off' | 'connecting' | 'live' | 'polling'

export interface StreamListener {
  /** An event that was appended, in order, once. */
  readonly onEvent?: (event: StoredEvent) => void
  readonly onState?: (state: StreamState) => void
  /** Events may have been missed, or calls have failed: read anew what is shown. */
  readonly onGap?: () => void
}

/** What the stream needs of its surroundings; tests give their own. */
export interface StreamOptions {
  readonly open: (url: string) => EventSource
  /** The events after this position; without one, none: only where the log ends. */
  readonly poll: (
    after: string | undefined,
  ) => Promise<{ events: readonly StoredEvent[]; next: string; trimmed?: string | undefined }>
  /** A connection that did not open until then does not get through (a proxy holds it back). */
  readonly openWithinMs?: number
  readonly pollEveryMs?: number
  /** How long to poll before pushing is tried again. */
  readonly retryMs?: number
  /** Whether the tab is seen; a hidden one holds no connection. */
  readonly page?: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>
}

/**
 * The events of all clusters, over one connection however many listen. Where server-sent events do not come through,
 * it polls, says so, and tries again now and then. After an interruption it goes on behind the last event.
 * A hidden tab gives its connection back: over HTTP/1.1 a browser has six a host, and the seventh tab would not load.
 */
export class EventStream {
  readonly #listeners = new Set<StreamListener>()
  readonly #options: Required<StreamOptions>
  #source: EventSource | undefined
  #position: string | undefined
  #state: StreamState = 'off'
  #timers: ReturnType<typeof setTimeout>[] = []

  constructor(options: StreamOptions) {
    this.#options = { openWithinMs: 10_000, pollEveryMs: 3000, retryMs: 30_000, page: document, ...options }
  }

  get state(): StreamState {
    return this.#state
  }

  /** Listens until the returned function is called; the first opens the connection, the last closes it. */
  listen(listener: StreamListener): () => void {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) {
      this.#options.page.addEventListener('visibilitychange', this.#seen)
      this.#seen()
    }
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
      this.#options.page.removeEventListener('visibilitychange', this.#seen)
      this.#stop('off')
    }
  }

  readonly #seen = (): void => {
    if (this.#options.page.hidden) this.#stop('off')
    else this.#connect()
  }

  #connect(): void {
    this.#stop('connecting')
    const after = this.#position === undefined ? '' : `?after=${encodeURIComponent(this.#position)}`
    const source = this.#options.open(`${PROXY}/api/v1/events/stream${after}`)
    this.#source = source
    this.#later(this.#options.openWithinMs, () => {
      if (source.readyState !== 1) this.#poll()
    })
    source.onopen = () => {
      const resumed = this.#position !== undefined
      this.#set('live')
      if (!resumed) this.#gap()
    }
    source.onmessage = ({ data }: MessageEvent<string>) => this.#take([JSON.parse(data) as StoredEvent])
    source.addEventListener('trimmed', ({ data }: MessageEvent<string>) => {
      this.#position = (JSON.parse(data) as { through: string }).through
      this.#gap()
    })
    // The browser connects again by itself after a broken connection (1), not after a refusal or an answer of another kind (2).
    source.onerror = () => {
      if (source.readyState === 2) this.#poll()
      else this.#set('connecting')
    }
  }

  /** Polls for a while, then tries to be pushed to again. */
  #poll(): void {
    this.#stop('polling')
    this.#later(this.#options.retryMs, () => this.#connect())
    let failed = false
    const round = async () => {
      try {
        const { events, next, trimmed } = await this.#options.poll(this.#position)
        if (this.#state !== 'polling') return
        this.#take(events)
        if (next !== '') this.#position = next
        // Whoever was away is back: what pages could not read meanwhile need not wait for its turn.
        if (failed || trimmed !== undefined) this.#gap()
        failed = false
      } catch (error) {
        // The pages say what their own calls answer; here it is only tried again. But a position that the log does not
        // know, since it was begun anew, never comes right.
        if (error instanceof ApiError && error.status === 400) this.#position = undefined
        failed = true
      }
      if (this.#state === 'polling') this.#later(this.#options.pollEveryMs, () => void round())
    }
    void round()
  }

  #gap(): void {
    for (const { onGap } of this.#listeners) onGap?.()
  }

  #take(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#position = event.position
      for (const { onEvent } of this.#listeners) onEvent?.(event)
    }
  }

  #later(ms: number, what: () => void): void {
    this.#timers.push(setTimeout(what, ms))
  }

  #stop(state: StreamState): void {
    this.#timers.forEach(clearTimeout)
    this.#timers = []
    this.#source?.close()
    this.#source = undefined
    this.#set(state)
  }

  #set(state: StreamState): void {
    if (this.#state === state) return
    this.#state = state
    for (const { onState } of this.#listeners) onState?.(state)
  }
}
