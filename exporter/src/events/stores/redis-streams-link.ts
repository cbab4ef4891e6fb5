import { randomUUID } from 'node:crypto'
import { CommandLink, isAnswer, type CommandLinkOptions } from '../../redis/command-link.js'
import { urlOf, type Endpoint } from '../../redis/endpoint.js'
import { LogRegressed, LogUnavailable } from '../log.js'
import { PARAMETERS, refusal } from './redis-streams-checks.js'
import { explain, isSpent, replyOf, wasNotSent } from './redis-streams-errors.js'
import { LOG, META } from './redis-streams-keys.js'
import { GUARD_ARGS, MARK, OPEN, RESTORING, SCHEMA_VERSION, type Script } from './redis-streams-scripts.js'

/** For the connect and for every command: what hangs longer is given up. */
const TIMEOUT_MS = 5000
/** A cluster sends on to the node that has the keys; not for ever. */
const MAX_HOPS = 5

export interface StreamsServer {
  readonly endpoint: Endpoint
  /** Number of the database; 0 unless given. */
  readonly db?: number
  readonly tls?: NonNullable<CommandLinkOptions['tls']>
  /** Asked at every connect, so that a file may change. */
  readonly password?: () => string | undefined
  /** Acknowledged events may be lost: neither persistence nor the eviction policy matter. */
  readonly allowLoss?: boolean
}

/** `redis://host:port/db`, without credentials. */
export const nameOf = ({ endpoint, db = 0 }: StreamsServer) => `${urlOf(endpoint)}/${db}`

/** How to ask the server by hand; who that is and with which password, knows whoever asks. */
export const cliOf = (server: StreamsServer) =>
  server.endpoint.path === undefined
    ? `redis-cli -u ${nameOf(server)}`
    : `redis-cli -s ${server.endpoint.path} -n ${server.db ?? 0}`

/**
 * Connects to the node that has the log's keys.
 * @throws NodeError
 */
export async function connect(server: StreamsServer): Promise<CommandLink> {
  let endpoint = { ...server.endpoint }
  const password = server.password?.()
  if (password !== undefined) endpoint = { ...endpoint, password }
  for (let hops = 0; ; hops++) {
    const link = new CommandLink(endpoint, {
      ...(server.tls && { tls: server.tls }),
      clientName: 'slotwise/events',
      timeoutMs: TIMEOUT_MS,
    })
    try {
      await link.connect()
      if (server.db) await link.call('SELECT', String(server.db))
      await link.call('EXISTS', META)
      return link
    } catch (error) {
      link.close()
      const moved = /^MOVED \d+ (.*):(\d+)$/.exec(replyOf(error) ?? '')
      if (!moved || hops === MAX_HOPS) throw error
      endpoint = { ...endpoint, host: moved[1] === '' ? endpoint.host : moved[1]!, port: Number(moved[2]) }
    }
  }
}

/**
 * The connection to the server of the log. It is opened anew by the call that needs it, and every time the server is
 * looked at again: whether it may keep the log, and whether it is the one that this process knows.
 */
export class StreamsLink {
  readonly name: string
  #opened: Promise<CommandLink> | undefined
  #link: CommandLink | undefined
  #log = ''
  /** The newest event that this process has seen acknowledged. */
  #seen = { position: 0, hash: '' }
  #closed = false

  constructor(private readonly server: StreamsServer) {
    this.name = nameOf(server)
  }

  /** Takes note of an event that was acknowledged, to this process or to another. */
  saw(position: number, hash: string): void {
    if (position > this.#seen.position) this.#seen = { position, hash }
  }

  /**
   * Runs a script that may be run twice.
   * @returns what it answers, without `ok`
   * @throws LogUnavailable
   */
  async read(doing: string, script: Script, keys: readonly string[], args: readonly string[] = []) {
    return this.#run(doing, script, keys, args, false)
  }

  /**
   * Runs a script once.
   * @returns what it answers, without `ok`
   * @throws LogUnavailable it was done as a whole or not at all
   */
  async write(doing: string, script: Script, keys: readonly string[], args: readonly string[]) {
    return this.#run(doing, script, keys, args, true)
  }

  /**
   * Runs a command and right behind it a script, which may both be run twice.
   * @throws LogUnavailable
   */
  async readWith(command: [string, ...string[]], script: Script): Promise<[unknown, unknown[]]> {
    return this.#withLink('reading', false, async (link) => {
      const [found, answer] = await Promise.all([
        link.call(...command),
        evaluate(link, script, [META, LOG], this.#guard()),
      ])
      return [found, await this.#checked(link, answer)]
    })
  }

  /** Runs commands that only look; undefined for each that the server refuses. @throws LogUnavailable */
  async look(commands: readonly [string, ...string[]][]): Promise<unknown[]> {
    return this.#withLink('reading', false, (link) =>
      Promise.all(
        commands.map((command) =>
          link.call(...command).catch((error: unknown) => {
            if (!isAnswer(error)) throw error
            return undefined
          }),
        ),
      ),
    )
  }

  /** Opens the connection if it is not. @throws LogUnavailable */
  async open(): Promise<void> {
    await this.#current()
  }

  close(): void {
    this.#closed = true
    this.#link?.close()
  }

  async #run(
    doing: string,
    script: Script,
    keys: readonly string[],
    args: readonly string[],
    writes: boolean,
  ): Promise<unknown[]> {
    return this.#withLink(doing, writes, async (link) => {
      const answer = await evaluate(link, script, [META, LOG, ...keys], [...this.#guard(), ...args])
      return this.#checked(link, answer)
    })
  }

  /** Does something with the connection; once more on another where that can do no harm. */
  async #withLink<T>(doing: string, writes: boolean, act: (link: CommandLink) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const link = await this.#current()
      try {
        return await act(link)
      } catch (error) {
        if (error instanceof LogUnavailable || error instanceof Moved) throw error
        if (isSpent(error)) this.#drop(link)
        const again = attempt === 1 && isSpent(error) && (!writes || wasNotSent(error)) && !this.#closed
        if (!again) throw explain(this.name, doing, error, writes)
      }
    }
  }

  #drop(link: CommandLink): void {
    link.close()
    if (this.#link !== link) return
    this.#link = undefined
    this.#opened = undefined
  }

  #current(): Promise<CommandLink> {
    if (this.#closed) throw new LogUnavailable(`event log ${this.name}: it is closed`)
    if (this.#link?.isOpen === false) this.#drop(this.#link)
    this.#opened ??= this.#connect().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #connect(): Promise<CommandLink> {
    const link = await connect(this.server).catch((error: unknown) => {
      throw explain(this.name, 'connecting', error)
    })
    try {
      const refused = refusal(await factsOf(link), this.server.allowLoss ?? false)
      if (refused !== undefined) throw new LogUnavailable(`event log ${this.name} is not used: ${refused}`)
      const answer = await evaluate(link, OPEN, [META, LOG], [...this.#guard(), randomUUID()])
      const [log] = await this.#checked(link, answer)
      this.#log = log as string
    } catch (error) {
      link.close()
      throw error instanceof LogUnavailable ? error : explain(this.name, 'opening it', error)
    }
    if (this.#closed) link.close()
    return (this.#link = link)
  }

  #guard(): string[] {
    const { position, hash } = this.#seen
    const guard = [
      String(SCHEMA_VERSION),
      this.#log,
      String(position),
      hash,
      this.server.allowLoss ? '1' : '',
    ]
    if (guard.length !== GUARD_ARGS) throw new Error('the guard of the scripts takes other arguments')
    return guard
  }

  /** @throws LogUnavailable */
  async #checked(link: CommandLink, answer: unknown): Promise<unknown[]> {
    const [kind, what, ...rest] = answer as [string, ...unknown[]]
    switch (kind) {
      case 'ok':
        return [what, ...rest]
      case 'moved':
        throw new Moved()
      case 'schema':
        if (what === RESTORING)
          throw new LogUnavailable(
            `event log ${this.name}: a backup is being restored there, or that broke off; when it has ended the log goes on by itself`,
          )
        throw new LogUnavailable(
          `event log ${this.name} was written by a newer Slotwise (its schema is version ${String(what)}, ` +
            `this program knows ${SCHEMA_VERSION}); start that one, or give this one a database of its own (--events.url)`,
        )
      case 'damaged':
        throw new LogUnavailable(
          `event log ${this.name}: event ${String(what)} is missing, though others point to it: somebody deleted it; restore a backup`,
        )
      case 'another':
        throw new LogRegressed(
          `${this.name} has another log than before; does the address lead to another server, was it restored? ` +
            'Nothing is appended. Let the address lead to the right one; to go on with this one, restart Slotwise',
        )
      case 'marked':
        throw new LogRegressed(`${this.name}: ${String(what)}. ${this.#todo()}`)
      default:
        throw await this.#behind(link, String(what))
    }
  }

  /** Notes on the server that it lost events, for whoever starts later. */
  async #behind(link: CommandLink, last: string): Promise<LogRegressed> {
    const lost =
      `events up to ${this.#seen.position} were acknowledged, and it has another history or ends at ${last}: ` +
      'a stale replica was promoted, a backup restored, or the database emptied'
    if (!this.server.allowLoss) await evaluate(link, MARK, [META], [this.#log, lost]).catch(() => undefined)
    return new LogRegressed(`${this.name}: ${lost}. ${this.#todo()}`)
  }

  #todo(): string {
    if (this.server.allowLoss) return 'Nothing is appended. To go on with what is there, restart Slotwise'
    return (
      'Nothing is appended. If the newer events still exist, bring that server back: the log goes on by itself. ' +
      `To go on without them: stop every Slotwise of this log, ${cliOf(this.server)} HDEL '${META}' regressed, start them again`
    )
  }
}

/** The log is not where it was when something was prepared for it. */
export class Moved extends Error {}

/** @throws NodeError */
export async function evaluate(
  link: CommandLink,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args]
  try {
    return await link.call('EVALSHA', sha, rest)
  } catch (error) {
    if (!replyOf(error)?.startsWith('NOSCRIPT')) throw error
    return link.call('EVAL', text, rest)
  }
}

/** What `refusal` looks at. @throws NodeError */
export async function factsOf(link: CommandLink) {
  const [info, ...values] = await Promise.all([
    link.call('INFO'),
    ...PARAMETERS.map((name) =>
      link.call('CONFIG', 'GET', name).catch((error: unknown) => {
        if (!isAnswer(error)) throw error
        return undefined
      }),
    ),
  ])
  const config = Object.fromEntries(
    PARAMETERS.flatMap((name, i) => {
      const [, value] = (values[i] ?? []) as string[]
      return value === undefined ? [] : [[name, value]]
    }),
  )
  return { info: info as string, config }
}
