import type { Redis } from 'ioredis'
import type { ConnectionOptions } from 'node:tls'
import { addressOf, type Endpoint } from './endpoint.js'
import { NodeError, replyError, socketError } from './errors.js'
import type { Ownership } from './ownership.js'

export interface CommandLinkOptions {
  readonly tls?: ConnectionOptions
  /** CLIENT SETNAME: `slotwise/<operation>/<token>` for links that write, so that a later owner can find and end them. */
  readonly clientName: string
  /** For the connect and for every command. */
  readonly timeoutMs: number
  /**
   * For a link that writes for an operation: asked once the connection has its name, and before each command. A
   * connection that is refused its name is not used.
   */
  readonly guard?: Ownership
}

/**
 * A connection for single commands with decoded replies. It never reconnects and never repeats a command by itself:
 * what was not answered may have been done, and only the caller knows what that means.
 */
export class CommandLink {
  readonly address: string
  /** Undefined before it is connected. */
  #redis: Redis | undefined
  #isClosed = false
  #guard: Ownership | undefined

  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: CommandLinkOptions,
  ) {
    this.#guard = options.guard
    this.address = addressOf(endpoint)
  }

  #lastError: Error | undefined

  /** The name is set, and that is answered, before anything else is sent. @throws NodeError nothing was sent then */
  async connect(): Promise<void> {
    const redis = (this.#redis ??= await this.#make())
    if (this.#isClosed) throw new NodeError('closed', this.address, 'the connection was closed here')
    try {
      await redis.connect()
    } catch (error) {
      throw this.#explain('connect', this.#lastError ?? (error as Error), this.endpoint.password)
    }
    try {
      await redis.client('SETNAME', this.options.clientName)
    } catch (error) {
      const explained = this.#explain('CLIENT SETNAME', error as Error)
      // Whoever may not name itself may still read.
      if (this.#guard || !isAnswer(explained)) throw explained
    }
    await this.#confirm()
  }

  /** ioredis is loaded with the first link: an exporter that only scrapes has none. */
  async #make(): Promise<Redis> {
    const { host, port, path, username, password, tls } = this.endpoint
    const { Redis } = await import('ioredis')
    const redis = new Redis({
      ...(path === undefined ? { host, port } : { path }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls && { tls: this.options.tls ?? {} }),
      // CLIENT SETINFO counts as an error on servers and users that do not know it.
      disableClientInfo: true,
      lazyConnect: true,
      connectTimeout: this.options.timeoutMs,
      commandTimeout: this.options.timeoutMs,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      retryStrategy: () => null,
    })
    redis.on('error', (error: Error) => (this.#lastError = error))
    return redis
  }

  /**
   * Makes an open link that only read one that writes for an operation: guarded, and under its name once this is
   * answered. @throws NodeError it is not to be used then
   */
  async claim(clientName: string, guard: Ownership): Promise<void> {
    this.#guard = guard
    guard.mustOwn()
    try {
      await this.#redis!.client('SETNAME', clientName)
    } catch (error) {
      throw this.#explain('CLIENT SETNAME', error as Error)
    }
    await this.#confirm()
  }

  /**
   * Runs one command. Many arguments are to come in a list: the stack does not hold them.
   * @returns the decoded reply
   * @throws NodeError kinds `reply`, `denied` and `auth` are answers; with any other it is unknown whether it was done
   */
  async call(name: string, ...args: (string | readonly string[])[]): Promise<unknown> {
    this.#guard?.mustOwn()
    const all = args.flat()
    try {
      return await this.#redis!.call(name, all)
    } catch (error) {
      throw this.#explain([name, ...all.slice(0, 1)].join(' '), error as Error)
    }
  }

  /** Whether it is connected, as far as this side knows. */
  get isOpen(): boolean {
    return this.#redis?.status === 'ready'
  }

  close(): void {
    this.#isClosed = true
    this.#redis?.disconnect()
  }

  async #confirm(): Promise<void> {
    try {
      await this.#guard?.confirmOwn()
    } catch (error) {
      this.close()
      throw error
    }
  }

  #explain(command: string, error: Error, password?: string): NodeError {
    if (error.name === 'ReplyError') return replyError(this.address, command, error.message, password)
    if (/timed out|ETIMEDOUT/.test(error.message)) {
      return new NodeError(
        'timeout',
        this.address,
        `${command}: no answer in time; is it stopped, swapping or cut off?`,
        { cause: error },
      )
    }
    return socketError(this.address, error, this.endpoint.tls && !this.isOpen)
  }
}

/** Whether an error is the node's answer (so that the command was surely not done) rather than silence. */
export function isAnswer(error: unknown): error is NodeError {
  return error instanceof NodeError && ['reply', 'denied', 'auth'].includes(error.kind)
}
