import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets a connection ask again when it has been answered. No client of today pipelines; whoever does could have some
 * hundred requests handled in one go, while a scrape waits for its turn.
 */
export class Turns {
  readonly #answering = new WeakMap<IncomingMessage['socket'], ServerResponse>()

  /** Whether the answer to what this connection asked is still being made. */
  isOn(socket: IncomingMessage['socket']): boolean {
    return this.#answering.get(socket)?.writableEnded === false
  }

  /** False: the connection did not wait, and was closed. */
  takes({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const before = this.#answering.get(socket)
    if (socket.destroyed) return false
    if (before && !before.writableEnded) {
      socket.destroy()
      return false
    }
    this.#answering.set(socket, response)
    return true
  }
}
