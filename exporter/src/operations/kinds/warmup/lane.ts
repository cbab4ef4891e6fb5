import { encodePipeline } from '../../../redis/frames.js'
import { readInfo, type InfoFields } from '../../../redis/info.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, errorOf, type ClusterNode } from '../../../redis/replies.js'
import { ASKING, encodeItem, LOAD_SCRIPT, type WriteOptions } from './encode.js'
import { CommandWriter } from '../../../redis/command-writer.js'
import { memoryLook, type Headroom } from './headroom.js'
import type { Item } from './item.js'
import { hasOneTable } from '../../nodes/engine-version.js'
import { verdictOf, type Verdict } from './verdict.js'

/** Whoever gets back what a lane could not write. */
export interface LaneHost {
  readonly write: WriteOptions
  /** The clock of the run; ms. */
  readonly now: () => number
  /** What became of an item is known. */
  done(item: Item, outcome: 'written' | 'existing' | 'expired' | 'failed', lane: Lane, error?: string): void
  /** An item has to be sent again. `why` is for people. */
  again(item: Item, verdict: Verdict | 'silent', why: string, lane: Lane): void
  /** Resolves when the run may go on. */
  turn(): Promise<void>
  /** Something failed that ends the run. */
  fail(error: unknown): void
}

const IN_FLIGHT = 3
const BATCH_ITEMS = 1024
const BATCH_BYTES = 1024 ** 2
const TIMEOUT_MS = 5000
/** A node that takes no more is taken to be silent; bytes a millisecond. */
const SLOWEST = 500
/** How many batches may go without a look at the memory, however small they are. */
const BATCHES_A_LOOK = 8
/** With less allowed than this, every batch brings back a look. */
const LOOK_BELOW_BYTES = 4 * 1024 ** 2
const LOOK_AGAIN_MS = 250

const LOOK = ['server', 'memory', 'stats', 'keyspace'].map((section) => ['INFO', section])
const LOOK_COMMANDS = encodePipeline(LOOK)

/**
 * The way to one primary of the target: a queue, some batches in flight, and never more bytes than the last look at
 * its memory permits.
 */
export class Lane {
  /** Why nothing moves; empty when something does, or when there is nothing to move. */
  stuck = ''
  #queue: Item[] = []
  #next = 0
  #asking: Item[] = []
  #inFlight = 0
  /** Costs of everything ever sent: what was sent behind a look is the difference. */
  #sentBytes = 0
  #batchesSinceLook = Infinity
  #looking = false
  #pumping = false
  /** Of the batches in flight. */
  #bytesInFlight = 0
  #closed = false

  constructor(
    readonly node: ClusterNode,
    private readonly link: RawLink,
    private readonly headroom: Headroom,
    private readonly host: LaneHost,
  ) {}

  push(item: Item): void {
    this.#queue.push(item)
  }

  /** Sends an item behind ASKING. */
  ask(item: Item): void {
    this.#asking.push(item)
  }

  /** Sends what may be sent, unless the run is paused. */
  pump(): void {
    if (this.#pumping || this.#closed) return
    this.#pumping = true
    this.host
      .turn()
      .finally(() => (this.#pumping = false))
      .then(() => this.#pump())
      .catch((error: unknown) => this.host.fail(error))
  }

  #pump(): void {
    while (!this.#closed && this.#inFlight < IN_FLIGHT) {
      const asking = this.#asking.length > 0
      const batch = asking ? this.#asking.splice(0, BATCH_ITEMS) : this.#batch()
      if (batch.length === 0) break
      this.stuck = ''
      void this.#send(batch, asking).catch((error: unknown) => this.host.fail(error))
    }
    if (this.#waiting() && this.#inFlight === 0 && !this.#looking)
      void this.#look().catch((error: unknown) => this.host.fail(error))
  }

  /** Hands back what was not sent, and ends the connection. */
  close(why: string): void {
    this.#closed = true
    this.link.close()
    const rest = [...this.#queue.slice(this.#next), ...this.#asking]
    this.#queue = []
    this.#next = 0
    this.#asking = []
    for (const item of rest) this.host.again(item, 'moved', why, this)
  }

  /** Sends nothing more; resolves when what was sent has its answers, or none will come. */
  async stop(): Promise<void> {
    this.#closed = true
    while (this.#inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    this.link.close()
  }

  #waiting(): boolean {
    return !this.#closed && this.#next < this.#queue.length
  }

  /** The next items, as many as a batch takes and the memory of the node permits. */
  #batch(): Item[] {
    const first = this.#next
    let bytes = 0
    let allowed = this.headroom.allowance
    for (; this.#next < this.#queue.length && this.#next - first < BATCH_ITEMS; this.#next++) {
      const item = this.#queue[this.#next]!
      if (bytes > 0 && bytes + item.value.length > BATCH_BYTES) break
      if (item.cost > allowed) break
      allowed -= item.cost
      bytes += item.value.length
    }
    const batch = this.#queue.slice(first, this.#next)
    if (this.#next === this.#queue.length || this.#next > 65_536) {
      this.#queue = this.#queue.slice(this.#next)
      this.#next = 0
    }
    return batch
  }

  async #send(batch: readonly Item[], asking: boolean): Promise<void> {
    const now = this.host.now()
    const size = batch.reduce((sum, { key, value }) => sum + key.length + value.length + 160, 0)
    const out = new CommandWriter(size + LOOK_COMMANDS.length)
    const sent: Item[] = []
    for (const item of batch) {
      const left = item.expiresAt === Infinity ? 0 : Math.round(item.expiresAt - now)
      if (item.expiresAt !== Infinity && left <= 0) {
        this.host.done(item, 'expired', this)
        continue
      }
      if (asking) out.text(ASKING)
      encodeItem(out, item, left, this.host.write)
      this.headroom.spend(item.cost)
      this.#sentBytes += item.cost
      sent.push(item)
    }
    if (sent.length === 0) return
    const looks = ++this.#batchesSinceLook > BATCHES_A_LOOK || this.headroom.allowance < LOOK_BELOW_BYTES
    if (looks) {
      out.bytes(LOOK_COMMANDS)
      this.#batchesSinceLook = 0
    }
    const sentBytes = this.#sentBytes
    const perItem = asking ? 2 : 1
    const bytes = out.length
    this.#bytesInFlight += bytes
    this.#inFlight++
    try {
      const count = sent.length * perItem + (looks ? LOOK.length : 0)
      const timeoutMs = TIMEOUT_MS + this.#bytesInFlight / SLOWEST
      const replies = await this.link.exchange(out.take(), count, timeoutMs)
      if (looks) this.#looked(replies.slice(-LOOK.length), this.#sentBytes - sentBytes)
      await this.#take(sent, replies, perItem)
    } catch (error) {
      for (const item of sent) {
        item.unanswered = true
        this.host.again(item, 'silent', (error as Error).message, this)
      }
    } finally {
      this.#inFlight--
      this.#bytesInFlight -= bytes
    }
    this.pump()
  }

  async #take(sent: readonly Item[], replies: readonly Buffer[], perItem: number): Promise<void> {
    let withoutScript: Item[] | undefined
    for (let i = 0; i < sent.length; i++) {
      const item = sent[i]!
      const reply = replies[(i + 1) * perItem - 1]!
      const verdict = verdictOf(reply)
      if (verdict === 'written' || verdict === 'existing') {
        this.host.done(item, verdict, this)
      } else if (verdict === 'failed') {
        this.host.done(item, 'failed', this, errorOf(reply) ?? 'an unexpected reply')
      } else if (verdict === 'no-script') {
        ;(withoutScript ??= []).push(item)
      } else {
        if (verdict === 'full') this.headroom.refused()
        this.host.again(item, verdict, errorOf(reply) ?? '', this)
      }
    }
    if (!withoutScript) return
    const [loaded] = await this.link.exchange(LOAD_SCRIPT, 1, TIMEOUT_MS).catch(() => [])
    const refused = loaded && errorOf(loaded)
    for (const item of withoutScript)
      this.host.again(item, refused === undefined ? 'no-script' : 'forbidden', refused ?? '', this)
  }

  /** A look alone: the first one, and while nothing may be written. */
  async #look(): Promise<void> {
    this.#looking = true
    try {
      if (this.#batchesSinceLook !== Infinity) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
        await this.host.turn()
      }
      const replies = await this.link.exchange(LOOK_COMMANDS, LOOK.length, TIMEOUT_MS)
      this.#batchesSinceLook = 0
      this.#looked(replies, 0)
      const first = this.#queue[this.#next]
      this.stuck = first && first.cost > this.headroom.allowance ? this.headroom.reason() : ''
    } catch (error) {
      if ((error as Error).name !== 'NodeError') throw error
      for (const item of this.#queue.splice(0).slice(this.#next))
        this.host.again(item, 'silent', (error as Error).message, this)
      this.#next = 0
    } finally {
      this.#looking = false
    }
    this.pump()
  }

  #looked(replies: readonly Buffer[], behindBytes: number): void {
    const info: InfoFields = new Map(
      replies.flatMap((reply) => [...readInfo(bulkOf(reply) ?? Buffer.alloc(0))]),
    )
    this.headroom.looked(memoryLook(info, hasOneTable(info)), behindBytes)
  }
}
