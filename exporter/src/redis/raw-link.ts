import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { Backoff } from './backoff.js'
import { addressOf, type Endpoint } from './endpoint.js'
import { closedError, foreignError, NodeError, replyError, socketError, timeoutError } from './errors.js'
import { encodePipeline, FrameReader } from './frames.js'
import { greetingsOf, refusalIn, type GreetingOptions } from './greeting.js'
import { errorOf } from './replies.js'

export interface LinkOptions extends GreetingOptions {
  /** Trust, client certificate and name for `rediss://`; see node:tls. Asked at every connection: files change. */
  readonly tls?: () => ConnectionOptions
  /** Takes the place of the endpoint's password; asked at every connection, so that it may change. */
  readonly password?: () => string | undefined
  /**
   * Wait longer and longer between attempts to connect; an exchange meanwhile fails at once with the last reason. And
   * take no reply of more than MOST_BYTES. For links that are used again and again, whatever comes of it.
   */
  readonly backoff?: boolean
}

/** More than CLIENT LIST of a hundred thousand clients has; what is longer is no answer to a scrape. */
const MOST_BYTES = 64 * 1024 ** 2

interface Exchange {
  readonly count: number
  /** See `exchange`. */
  readonly lent: boolean
  readonly frames: Buffer[]
  readonly resolve: (frames: Buffer[]) => void
  readonly reject: (error: Error) => void
}

/** What a socket gives, for a moment: a buffer of its own for each read would be 64 KB for a reply of a few. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * One persistent connection to one node for pre-encoded pipelines: bytes out, frames in. It connects when it is
 * first needed and again after a failure, never by itself, so that a dead node costs one attempt an exchange. An
 * exchange that misses its deadline ends the connection, and with it all that wait on it: what comes later on that
 * stream could no longer be told apart.
 */
export class RawLink {
  readonly address: string
  /** How long the last connect took, AUTH included; seconds; 0 before the first. */
  connectSeconds = 0
  /** How often it has connected: another number means another connection, and perhaps another process behind it. */
  connections = 0
  /** The current connection, opening or open. */
  #socket: Socket | undefined
  /** Resolves when the current connection has been greeted. */
  #ready: Promise<Socket> | undefined
  #connected = false
  /** What the last connection was opened with. */
  #password: string | undefined
  /** Why the last connection ended. */
  #why: Error | undefined
  /** Whether the current connection has answered an exchange: then its end is no failure to connect. */
  #answered = false
  #reader = new FrameReader()
  readonly #backoff = new Backoff<Error>()
  #waiting: Exchange[] = []
  readonly #siblings = new Set<RawLink>()
  #onClose: (() => void) | undefined

  constructor(
    readonly endpoint: Endpoint,
    private readonly options: LinkOptions = {},
  ) {
    this.address = addressOf(endpoint)
  }

  /**
   * Sends a pipeline and waits for its replies.
   * @param request encoded commands
   * @param count how many replies they make
   * @param timeoutMs for everything, a connect included
   * @param frames `lent` to whoever copies what is to stay before waiting for anything else: the next read of any link
   * writes over them
   * @returns the replies' frames, error replies among them
   * @throws NodeError
   */
  async exchange(
    request: Buffer,
    count: number,
    timeoutMs: number,
    frames: 'own' | 'lent' = 'own',
  ): Promise<Buffer[]> {
    let timer: NodeJS.Timeout | NodeJS.Immediate | undefined
    const deadline = new Promise<never>((_, reject) => {
      const giveUp = () => {
        const error = timeoutError(this.address, {
          isMidway: this.#reader.isMidway,
          isConnected: this.#connected,
          tls: this.endpoint.tls,
        })
        reject(error)
        this.#end(error)
      }
      // When this process was held up, the reply may be there and only not read yet: that comes after timers.
      timer = setTimeout(() => (timer = setImmediate(giveUp)), timeoutMs)
    })
    try {
      const replies = await Promise.race([deadline, this.#send(request, count, frames === 'lent')])
      if (!this.#answered) {
        this.#answered = true
        this.#backoff.reset()
      }
      return replies
    } finally {
      clearTimeout(timer as NodeJS.Timeout)
      clearImmediate(timer as NodeJS.Immediate)
    }
  }

  /**
   * Another link with the same credentials, for work that must not hold up this one. It ends with this one.
   * @param address another node; this one's unless given
   * @param own what it sends on every connection before anything else, and what is added to its client name
   */
  sibling(
    address: Partial<Endpoint> = {},
    { setup = [], purpose }: Pick<LinkOptions, 'setup'> & { readonly purpose?: string } = {},
  ): RawLink {
    const { clientName } = this.options
    const { path, ...endpoint } = this.endpoint
    const elsewhere = address.host !== undefined
    const link = new RawLink(
      { ...endpoint, ...(path !== undefined && !elsewhere && { path }), ...address },
      {
        ...this.options,
        setup,
        ...(clientName !== undefined && purpose !== undefined && { clientName: `${clientName}/${purpose}` }),
      },
    )
    this.#siblings.add(link)
    link.#onClose = () => this.#siblings.delete(link)
    return link
  }

  /** Lets the next exchange connect, whatever came of the last attempts: the node is said to be back. */
  retrySoon(): void {
    this.#backoff.reset()
    for (const link of this.#siblings) link.retrySoon()
  }

  /** Ends the connection. Exchanges under way fail; a later one connects again. */
  close(): void {
    for (const link of this.#siblings) link.close()
    this.#onClose?.()
    this.#answered = true
    this.#end(new NodeError('closed', this.address, 'the connection was closed here'))
  }

  async #send(request: Buffer, count: number, lent: boolean): Promise<Buffer[]> {
    if (!this.#ready) {
      const failure = this.options.backoff ? this.#backoff.tooEarly : undefined
      if (failure) throw failure
      this.#ready = this.#connect()
    }
    const socket = await this.#ready
    this.options.guard?.mustOwn()
    return this.#write(socket, request, count, lent)
  }

  #write(socket: Socket, request: Buffer, count: number, lent = false): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      if (socket !== this.#socket) {
        reject(this.#why ?? new NodeError('closed', this.address, 'the connection ended'))
        return
      }
      this.#waiting.push({ count, lent, frames: [], resolve, reject })
      socket.write(request)
    })
  }

  /** @throws NodeError no socket can be made, so that there is nothing to wait for */
  #connect(): Promise<Socket> {
    const started = performance.now()
    const reader = new FrameReader(this.options.backoff ? MOST_BYTES : undefined)
    const socket: Socket = this.#open((bytes) => {
      const lent = this.#waiting.every((exchange) => exchange.lent)
      try {
        for (const frame of reader.push(lent ? bytes : Buffer.from(bytes))) this.#take(frame)
        // An exchange that waits for more keeps what it has until then.
        const midway = lent && this.#waiting[0]?.frames
        if (midway) for (const [i, frame] of midway.entries()) midway[i] = Buffer.from(frame)
      } catch (error) {
        this.#end(foreignError(this.address, error as Error), socket)
      }
    })
    this.#socket = socket
    this.#reader = reader
    this.#answered = false
    socket.setNoDelay(true)
    return this.#meet(socket, started)
  }

  async #meet(socket: Socket, started: number): Promise<Socket> {
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeError) => {
        reject(error)
        this.#end(error, socket)
      }
      socket.once(this.endpoint.tls ? 'secureConnect' : 'connect', resolve)
      socket.on('error', (error) => fail(socketError(this.address, error, this.endpoint.tls)))
      socket.on('close', () => fail(this.#closed()))
    })
    this.#connected = true
    await this.#greet(socket)
    await this.#confirm(socket)
    this.connectSeconds = (performance.now() - started) / 1000
    this.connections++
    return socket
  }

  /**
   * @param take gets what comes, which is written over afterwards
   * @throws NodeError certificate and key do not go together
   */
  #open(take: (bytes: Buffer) => void): Socket {
    const { host, port, path, tls } = this.endpoint
    if (tls && path === undefined) {
      try {
        return connectTls({ host, port, ...this.options.tls?.() }).on('data', take)
      } catch (error) {
        const failure = socketError(this.address, error as Error, tls)
        this.#backoff.failed(failure)
        throw failure
      }
    }
    const onread = {
      buffer: READ_BUFFER,
      callback: (length: number) => {
        take(READ_BUFFER.subarray(0, length))
        return true
      },
    }
    return connectTcp(path === undefined ? { host, port, onread } : { path, onread })
  }

  async #greet(socket: Socket): Promise<void> {
    const { username } = this.endpoint
    this.#password = this.options.password?.() ?? this.endpoint.password
    const greetings = greetingsOf(username, this.#password, this.options)
    if (greetings.length === 0) return
    const request = encodePipeline(greetings.map(({ words }) => words))
    const refusal = refusalIn(greetings, await this.#write(socket, request, greetings.length))
    if (!refusal) return
    const error = this.#refused(refusal.command, refusal.reply)
    this.#end(error, socket)
    throw error
  }

  async #confirm(socket: Socket): Promise<void> {
    try {
      await this.options.guard?.confirmOwn()
    } catch (error) {
      this.#end(error as Error, socket)
      throw error
    }
  }

  #take(frame: Buffer): void {
    const exchange = this.#waiting[0]
    if (!exchange) {
      // Sent before any command: `-DENIED …` of protected mode, `-ERR max number of clients reached`.
      const refusal = errorOf(frame)
      this.#end(
        refusal === undefined
          ? new NodeError('protocol', this.address, 'sent a reply that nobody asked for')
          : this.#refused('connect', refusal),
      )
      return
    }
    exchange.frames.push(frame)
    if (exchange.frames.length === exchange.count) {
      this.#waiting.shift()
      exchange.resolve(exchange.frames)
    }
  }

  /** Ends the current connection, if it is `socket`. */
  #end(error: Error, socket = this.#socket): void {
    if (socket === undefined || socket !== this.#socket) return
    const waiting = this.#waiting
    if (!this.#answered) this.#backoff.failed(error)
    this.#why = error
    this.#socket = undefined
    this.#ready = undefined
    this.#connected = false
    this.#waiting = []
    // Many megabytes perhaps, and the error that is kept keeps the socket: its stack knows who was called.
    this.#reader.clear()
    socket.destroy()
    for (const exchange of waiting) exchange.reject(error)
  }

  /** Why the node may have closed: it says so itself when it has reached maxclients or is in protected mode. */
  #closed(): NodeError {
    const last = this.#waiting[0]?.frames.at(-1)
    const refusal = last && errorOf(last)
    if (refusal !== undefined) return this.#refused('connect', refusal)
    return closedError(this.address, this.#reader.isMidway)
  }

  #refused(command: string, reply: string): NodeError {
    return replyError(this.address, command, reply, this.#password)
  }
}
