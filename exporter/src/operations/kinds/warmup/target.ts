import type { Cluster } from '../../../redis/cluster.js'
import type { Ownership } from '../../../redis/ownership.js'
import type { ClusterNode } from '../../../redis/replies.js'
import { SLOTS } from '../../../redis/slots.js'
import type { WriteOptions } from './encode.js'
import type { Gates } from '../../pacing/gates.js'
import { Headroom } from './headroom.js'
import type { Item } from './item.js'
import { Lane, type LaneHost } from './lane.js'
import { primariesOf } from '../../nodes/primaries.js'
import type { Verdict } from './verdict.js'

export interface TargetOptions {
  readonly cluster: Cluster
  readonly clientName: string
  readonly guard: Ownership
  readonly write: WriteOptions
  readonly memoryShare: number
  /** The smallest limit of a shard's replicas that evict by themselves; bytes; Infinity: none. */
  readonly replicaLimit: (shard: string) => number
  readonly gates: Gates
  readonly now: () => number
  readonly turn: () => Promise<void>
  readonly fail: (error: unknown) => void
  /** A shard has another primary than before: writes that were answered may be lost. */
  readonly failedOver: (node: ClusterNode) => void
}

/** Refused for good; ends the run. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden'
}

const MOST_ITEMS = 32_768
const MOST_BYTES = 32 * 1024 ** 2
/** Trouble with slots that no node serves. */
const NOWHERE = ''
const FIRST_BACKOFF_MS = 20
const LONGEST_BACKOFF_MS = 1000
/** What is over sooner than this is no reason to tell anybody. */
const TELL_AFTER_MS = 500

/** The cluster that is written to: brings each key to the primary that serves its slot, until it is written. */
export class Target {
  readonly #lanes = new Map<string, Lane>()
  #bySlot: (Lane | undefined)[] = []
  #primaries = new Map<string, string>()
  /** Items that have to be sent again. */
  #parked: Item[] = []
  /** Shard -> since when it takes nothing, and why. */
  readonly #troubles = new Map<string, { readonly since: number; readonly why: string }>()
  #backoffMs = FIRST_BACKOFF_MS
  #retrying = false
  #items = 0
  #bytes = 0
  #room: (() => void)[] = []
  #closed = false
  readonly #host: LaneHost

  constructor(private readonly options: TargetOptions) {
    const { write, now, turn, fail } = options
    this.#host = {
      write,
      now,
      turn,
      fail,
      done: (item, outcome, lane, error) => {
        if (this.#troubles.size > 0 && outcome !== 'expired' && this.#troubles.delete(lane.node.shard))
          this.#backoffMs = FIRST_BACKOFF_MS
        this.#settled(item)
        item.page?.settle(item, outcome, lane.node.shard, error)
        item.forget()
      },
      again: (item, verdict, why, lane) => this.#again(item, verdict, why, lane),
    }
    this.#route()
  }

  submit(items: readonly Item[]): void {
    for (const item of items) {
      this.#items++
      this.#bytes += item.value.length
      this.#send(item)
    }
    this.#pump()
  }

  /** Resolves when there is room for more: what waits in memory is bounded. */
  async room(): Promise<void> {
    while (!this.#closed && (this.#items >= MOST_ITEMS || this.#bytes >= MOST_BYTES))
      await new Promise<void>((resolve) => this.#room.push(resolve))
  }

  /**
   * Resolves when values of about so many bytes may be read besides those that wait here; a larger one alone.
   * @returns to be called when they are here, or will not come
   */
  async reserve(bytes: number): Promise<() => void> {
    while (!this.#closed && this.#bytes > 0 && this.#bytes + bytes > MOST_BYTES)
      await new Promise<void>((resolve) => this.#room.push(resolve))
    this.#bytes += bytes
    return () => this.#leave(bytes)
  }

  /** Says to the gates what holds up the writing. */
  tell(): void {
    const { gates, now } = this.options
    for (const lane of this.#lanes.values())
      gates.set(`memory ${lane.node.shard}`, lane.stuck && `${lane.node.instance}: ${lane.stuck}`)
    const lasting = [...this.#troubles.values()].filter(({ since }) => since + TELL_AFTER_MS < now())
    const whys = [...new Set(lasting.map(({ why }) => why))].join('; ')
    gates.set('target', whys && `the target does not take everything: ${whys}`)
  }

  /** Sends nothing more, waits for the answers to what was sent, and ends the connections. */
  async stop(): Promise<void> {
    this.#closed = true
    for (const wake of this.#room.splice(0)) wake()
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()))
    this.#lanes.clear()
  }

  #settled(item: Item): void {
    this.#items--
    this.#leave(item.value.length)
  }

  #leave(bytes: number): void {
    this.#bytes -= bytes
    if (this.#room.length > 0 && this.#items < MOST_ITEMS / 2 && this.#bytes < MOST_BYTES / 2)
      for (const wake of this.#room.splice(0)) wake()
  }

  #send(item: Item): void {
    const lane = this.#bySlot[item.slot]
    if (lane) lane.push(item)
    else this.#park(item, `no node serves slot ${item.slot}`)
  }

  #pump(): void {
    for (const lane of this.#lanes.values()) lane.pump()
  }

  #again(item: Item, verdict: Verdict | 'silent', why: string, lane: Lane): void {
    if (this.#closed) return
    const { instance } = lane.node
    if (verdict === 'no-script') {
      lane.push(item)
    } else if (verdict === 'forbidden') {
      const todo = 'permit the commands that docs/operations.md names to the user, then plan again'
      this.options.fail(new Forbidden(`${instance} refuses the writes: ${why}; ${todo}`))
    } else if (verdict === 'ask') {
      this.#ask(item, why)
    } else if (verdict === 'full') {
      lane.push(item)
      lane.stuck = `it refuses writes: ${why}`
    } else {
      this.#park(item, why.includes(instance) ? why : `${instance}: ${why}`, lane.node.shard)
    }
  }

  /** `ASK <slot> <address>` */
  #ask(item: Item, why: string): void {
    const address = why.split(' ')[2]
    const node = this.options.cluster.members.find((member) => member.node.address === address)?.node
    if (!node) {
      this.#park(item, `slot ${item.slot} is on its way to ${address ?? 'nowhere'}, which is unknown`)
      return
    }
    const lane = this.#laneOf(node)
    lane.ask(item)
    lane.pump()
  }

  #park(item: Item, why: string, where = NOWHERE): void {
    this.#parked.push(item)
    const since = this.#troubles.get(where)?.since ?? this.options.now()
    this.#troubles.set(where, { since, why })
    if (this.#retrying) return
    this.#retrying = true
    this.#retry().catch((error: unknown) => this.options.fail(error))
  }

  /** Sends the parked items again, with what the topology is by then, until none is left. */
  async #retry(): Promise<void> {
    while (this.#parked.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.#backoffMs))
      this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, this.#backoffMs * 2)
      await this.options.turn()
      await this.options.cluster.refresh()
      this.#resend()
    }
    this.#retrying = false
  }

  #resend(): void {
    const parked = this.#parked
    this.#parked = []
    if (this.#closed) return
    this.#troubles.delete(NOWHERE)
    this.#route()
    for (const item of parked) this.#send(item)
    this.#pump()
  }

  /** Takes over the topology as it was read last. */
  #route(): void {
    const primaries = primariesOf(this.options.cluster)
    const bySlot = new Array<Lane | undefined>(SLOTS)
    for (const node of primaries) {
      const lane = this.#laneOf(node)
      for (const [from, to] of node.slots) bySlot.fill(lane, from, to + 1)
      const before = this.#primaries.get(node.shard)
      if (before !== undefined && before !== node.id) this.options.failedOver(node)
      this.#primaries.set(node.shard, node.id)
    }
    this.#bySlot = bySlot
    for (const [address, lane] of this.#lanes) {
      if (this.#isPrimary(address)) continue
      this.#lanes.delete(address)
      lane.close(`${address} is no primary any more`)
    }
  }

  /** A node without slots counts: one may be on its way to it. */
  #isPrimary(address: string): boolean {
    return this.options.cluster.members.some(
      ({ node }) => node.address === address && node.role === 'primary' && !node.flags.includes('fail'),
    )
  }

  #laneOf(node: ClusterNode): Lane {
    const { cluster, clientName, guard, memoryShare, replicaLimit, now } = this.options
    let lane = this.#lanes.get(node.address)
    if (!lane) {
      const headroom = new Headroom(memoryShare, replicaLimit(node.shard), now)
      lane = new Lane(node, cluster.rawLink(node.address, clientName, [], guard), headroom, this.#host)
      this.#lanes.set(node.address, lane)
    }
    return lane
  }
}
