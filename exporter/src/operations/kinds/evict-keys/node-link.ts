import { setTimeout } from 'node:timers/promises'
import type { Cluster } from '../../../redis/cluster.js'
import { NodeError, replyError } from '../../../redis/errors.js'
import { encodePipeline } from '../../../redis/frames.js'
import { readInfo } from '../../../redis/info.js'
import type { Ownership } from '../../../redis/ownership.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, errorOf } from '../../../redis/replies.js'
import { NodeChanged } from '../../nodes/passing.js'
import type { Script } from './script.js'

const TIMEOUT_MS = 10_000
const GIVE_UP_MS = 5000
const INFO_SERVER = encodePipeline([['INFO', 'server']])

/** Replies that mean: not now. */
const LATER = /^(LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN|NOREPLICAS|MISCONF|OOM)/
const DEMOTED = /^(READONLY|MOVED|ASK)/

/** A node refuses for good; ends the run. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden'
}

export interface NodeLinkOptions {
  /** Undefined for a link that only reads. */
  readonly guard?: Ownership
  readonly name: string
  /** The process that the cursors belong to. */
  readonly runId: string
  readonly turn: () => Promise<void>
  /** Why the node is waited for; '' when it is not. */
  readonly silent: (reason: string) => void
}

/** Runs a script on one node for as long as it is the same process there; waits for a while when it does not answer. */
export class NodeLink {
  readonly #link: RawLink
  /** Something was sent to which no answer came: it may have been done. */
  unanswered = false
  #connections = 0
  #closed = false

  /** @throws NodeError the address is outside the allow list */
  constructor(
    cluster: Cluster,
    address: string,
    private readonly script: Script,
    private readonly options: NodeLinkOptions,
  ) {
    this.#link = cluster.rawLink(address, options.name, [], options.guard)
  }

  /**
   * Sends one page once, and waits for its answer.
   * @returns undefined when it did not come: then it is not known whether it was done
   * @throws NodeChanged it is another process now, or silent for too long, or no primary any more; nothing was done
   * @throws Forbidden, OwnershipLost
   */
  async once(request: Buffer): Promise<Buffer | undefined> {
    const started = performance.now()
    for (let backoffMs = 50; ; backoffMs = Math.min(1000, backoffMs * 2)) {
      if (this.#closed) throw new NodeChanged(`${this.#link.address} is not worked on any more`)
      let why: string
      this.unanswered = false
      try {
        if (this.#link.connections !== this.#connections) await this.#identify()
        const before = this.#connections
        this.unanswered = true
        const [reply] = await this.#link.exchange(request, 1, TIMEOUT_MS)
        const refused = errorOf(reply!)
        // It has connected anew for just this: another process may have taken the cursor for its own.
        if (refused === undefined && this.#link.connections !== before) await this.#identify()
        this.unanswered = false
        if (refused === undefined) {
          this.options.silent('')
          return reply
        }
        if (refused.startsWith('NOSCRIPT')) {
          this.#connections = 0
          continue
        }
        why = this.#judge(refused)
      } catch (error) {
        why = this.#passing(error)
        // Who is there has to be seen before anything is sent again.
        this.#connections = 0
        if (this.unanswered) return undefined
      }
      if (performance.now() - started > GIVE_UP_MS) throw new NodeChanged(why)
      this.options.silent(why)
      await setTimeout(backoffMs)
      await this.options.turn()
    }
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true
    this.#link.close()
  }

  /** @returns why it is worth waiting */
  #judge(refused: string): string {
    const { message } = replyError(this.#link.address, 'EVALSHA', refused)
    if (DEMOTED.test(refused)) throw new NodeChanged(message)
    if (!LATER.test(refused)) throw new Forbidden(message)
    return message
  }

  #passing(error: unknown): string {
    if (!(error instanceof NodeError)) throw error
    if (['denied', 'auth', 'reply'].includes(error.kind)) throw new Forbidden(error.message)
    return error.message
  }

  async #identify(): Promise<void> {
    const [info, loaded] = await this.#link.exchange(
      Buffer.concat([INFO_SERVER, this.script.load]),
      2,
      TIMEOUT_MS,
    )
    const [unread, unloaded] = [errorOf(info!), errorOf(loaded!)]
    if (unread !== undefined) throw replyError(this.#link.address, 'INFO', unread)
    const runId = readInfo(bulkOf(info!) ?? Buffer.alloc(0)).get('run_id')
    if (runId !== this.options.runId) throw new NodeChanged(`${this.#link.address} was started anew`)
    if (unloaded !== undefined) {
      const error = replyError(this.#link.address, 'SCRIPT LOAD', unloaded)
      throw LATER.test(unloaded) ? new NodeChanged(error.message) : error
    }
    this.#connections = this.#link.connections
  }
}
