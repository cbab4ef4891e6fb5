import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StoredEvent } from '../../contract/events.js'
import { PositionTrimmed, type EventLog } from '../../events/log.js'
import { parsePosition } from '../../events/positions.js'
import { claimedLogin } from './access.js'
import type { Limits } from './context.js'
import type { FairQueue } from './fair-queue.js'
import { Refusal } from './problem.js'
import type { Principal, TokenStore } from './tokens.js'

/** Events that are read at a time. */
const PAGE = 500

export interface EventStreamsOptions {
  readonly log: EventLog
  readonly tokens: TokenStore | undefined
  readonly limits: Pick<Limits, 'streams' | 'allStreams'>
  readonly heartbeatMs: number
  /** Turns for reading the log. */
  readonly reads: FairQueue
  readonly onWarning: (message: string) => void
}

export interface Following {
  /** Where to begin; absent: with what comes from now on. */
  readonly after?: string
  /** The event as the client may see it. */
  readonly show: (event: StoredEvent) => StoredEvent | undefined
}

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): an event a message, its
 * position the id. A stream ends with its client, with its token, and when all are closed. Where events behind a
 * client's place were trimmed, a message of the type `trimmed` tells so, and the stream goes on behind them.
 */
export class EventStreams {
  /** Whose they are. */
  readonly #open = new Map<AbortController, { readonly token: string; readonly user: string | undefined }>()
  #closed = false

  constructor(private readonly options: EventStreamsOptions) {}

  get size(): number {
    return this.#open.size
  }

  /**
   * Writes events until the stream ends.
   * @throws Refusal before anything is written
   */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
    { after, show }: Following,
  ): Promise<void> {
    const controller = this.#admit(principal, request)
    const end = () => controller.abort()
    response.once('close', end)
    const heartbeat = setInterval(() => {
      if (this.#holds(principal)) response.write(': heartbeat\n\n')
      else end()
    }, this.options.heartbeatMs)
    try {
      const position = await this.#begin(after)
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
      response.write(': connected\n\n')
      if (request.method !== 'HEAD')
        await this.#follow(response, principal, position, show, controller.signal)
    } catch (error) {
      if (!response.headersSent) throw error
      if (!controller.signal.aborted)
        this.options.onWarning(`an event stream ended: ${(error as Error).message}`)
    } finally {
      clearInterval(heartbeat)
      this.#open.delete(controller)
      controller.abort()
      if (response.headersSent) response.end()
    }
  }

  /** Ends all streams and admits no more. */
  close(): void {
    this.#closed = true
    for (const controller of this.#open.keys()) controller.abort()
  }

  /** Of a delegated token each user counts by itself, as all of Grafana's share it; together they have half of all. */
  #admit({ id: token, delegated }: Principal, { headers }: IncomingMessage): AbortController {
    const { streams, allStreams } = this.options.limits
    const user = delegated ? claimedLogin(headers['x-grafana-context']) : undefined
    const ofToken = [...this.#open.values()].filter((open) => open.token === token)
    const ofUser = ofToken.filter((open) => open.user === user)
    const most = delegated ? Math.max(streams, allStreams / 2) : streams
    if (this.#closed || ofUser.length >= streams || ofToken.length >= most || this.#open.size >= allStreams)
      throw new Refusal(
        'too-many-streams',
        'too many event streams are open; close some or read pages of /events',
      )
    const controller = new AbortController()
    this.#open.set(controller, { token, user })
    return controller
  }

  /** Whoever was told of events that a restored log has not any more goes on with what comes, not behind them. */
  async #begin(after: string | undefined): Promise<string> {
    const head = await this.options.log.head()
    return after === undefined || parsePosition(after) > parsePosition(head) ? head : after
  }

  #holds(principal: Principal): boolean {
    return !this.options.tokens || this.options.tokens.holds(principal)
  }

  async #follow(
    response: ServerResponse,
    principal: Principal,
    after: string,
    show: Following['show'],
    signal: AbortSignal,
  ): Promise<void> {
    for await (const event of this.#events(principal, after, signal)) {
      if (signal.aborted) return
      if ('through' in event) {
        const { through } = event
        response.write(`event: trimmed\nid: ${through}\ndata: ${JSON.stringify({ through })}\n\n`)
        continue
      }
      const shown = show(event)
      if (!shown) continue
      if (!this.#holds(principal)) return
      if (!response.write(`id: ${shown.position}\ndata: ${JSON.stringify(shown)}\n\n`))
        await once(response, 'drain', { signal })
    }
  }

  /** What is there; where some is gone, up to where. */
  async *#events(
    principal: Principal,
    after: string,
    signal: AbortSignal,
  ): AsyncGenerator<StoredEvent | PositionTrimmed> {
    let position = after
    while (!signal.aborted) {
      try {
        for await (const event of this.#whole(principal, position, signal)) {
          ;({ position } = event)
          yield event
        }
        return
      } catch (error) {
        if (!(error instanceof PositionTrimmed)) throw error
        position = error.through
        yield error
      }
    }
  }

  /** What is there already is read in turn with all who read; behind that an append costs each stream little. */
  async *#whole(principal: Principal, after: string, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    const { log, reads } = this.options
    let position = after
    for (let behind = true; behind && !signal.aborted;) {
      const page = await reads.run(principal.id, () => log.read({ after: position, limit: PAGE }))
      yield* page.events
      position = page.next
      behind = page.events.length === PAGE
    }
    yield* log.follow(position, signal)
  }
}
