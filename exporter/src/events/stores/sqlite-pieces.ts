import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { readPiece, type Flat, type FlatGroup, type FlatItem } from './sqlite-appends.js'
import type { Message, Request } from './sqlite-jobs.js'

/** A group of appends as its pieces come to the worker. The last one is the request, which is answered. */
export class Pieces implements FlatGroup {
  readonly #first: Flat
  #request: Request | undefined

  /**
   * @param first the first message of the group
   * @param posted counts what was sent
   */
  constructor(
    first: Message,
    private readonly port: MessagePort,
    private readonly posted: Int32Array,
  ) {
    this.#first = this.#pieceOf(first)
  }

  get first(): FlatItem[] {
    return readPiece(this.#first)
  }

  /** Waits for the next piece where it is not there yet: the main thread sends all in one go. */
  get rest(): Iterable<FlatItem[]> {
    return this.#rest()
  }

  *#rest(): Generator<FlatItem[]> {
    while (!this.#request) yield readPiece(this.#pieceOf(this.#next()))
  }

  /** The request; what comes before it is passed over. */
  request(): Request {
    while (!this.#request) this.#pieceOf(this.#next())
    return this.#request
  }

  #pieceOf(message: Message): Flat {
    if ('piece' in message) return message.piece
    this.#request = message
    return message.args as Flat
  }

  #next(): Message {
    for (;;) {
      const seen = Atomics.load(this.posted, 0)
      const received = receiveMessageOnPort(this.port) as { message: Message } | undefined
      if (received) return received.message
      Atomics.wait(this.posted, 0, seen)
    }
  }
}
