import { setTimeout } from 'node:timers/promises'
import type { Cluster } from '../../../redis/cluster.js'
import { encodePipeline } from '../../../redis/frames.js'
import { NodeError, replyError } from '../../../redis/errors.js'
import { readInfo } from '../../../redis/info.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, errorOf, type ClusterNode } from '../../../redis/replies.js'
import { atLeast } from './engine-version.js'
import { SlotSet } from './slot-set.js'
import { lookAt, numberIn, type NodeFacts } from './node-facts.js'

/** A node of the source that is read, for the shard of `primary`. */
export interface SourceNode extends NodeFacts {
  readonly primary: ClusterNode
}

/** The node is no longer what a pass began with, or cannot be read now: it is worth another look later. */
export class SourceChanged extends Error {
  override readonly name = 'SourceChanged'
}

const TIMEOUT_MS = 10_000
const GIVE_UP_MS = 15_000
/** A node that gives values no faster is taken to be silent; bytes a millisecond. */
const SLOWEST = 500
const INFO_SERVER = encodePipeline([['INFO', 'server']])
const NODES = encodePipeline([['CLUSTER', 'NODES']])

/**
 * Chooses which node of each shard is read: a replica that is linked to its primary and up to date, else the primary.
 * @param primariesOnly where what has just moved must be seen at once
 * @returns one a shard that serves slots, and why the others cannot be read
 */
export async function sourceNodes(
  source: Cluster,
  clientName: string,
  primariesOnly = false,
): Promise<{ nodes: SourceNode[]; errors: string[] }> {
  const nodes: SourceNode[] = []
  const errors: string[] = []
  const all = source.members.map(({ node }) => node)
  const primaries = all.filter(({ role, slots }) => role === 'primary' && slots.length > 0)
  await Promise.all(
    primaries.map(async (primary) => {
      const replicas = all.filter(({ primaryId, flags }) => primaryId === primary.id && flags.length === 0)
      const problems: string[] = []
      for (const node of [...(primariesOnly ? [] : replicas), primary]) {
        try {
          const facts = await factsOf(source, node, clientName)
          if (node === primary || isCurrent(facts)) return void nodes.push({ ...facts, primary })
        } catch (error) {
          problems.push((error as Error).message)
        }
      }
      errors.push(...problems)
    }),
  )
  return { nodes: nodes.sort((a, b) => (a.node.instance < b.node.instance ? -1 : 1)), errors }
}

/** @throws NodeError */
export async function factsOf(cluster: Cluster, node: ClusterNode, clientName: string): Promise<NodeFacts> {
  const link = cluster.rawLink(node.address, clientName)
  try {
    return await lookAt(node, link)
  } finally {
    link.close()
  }
}

function isCurrent(facts: NodeFacts): boolean {
  const { info } = facts
  return (
    info.get('master_link_status') === 'up' &&
    numberIn(facts, 'master_sync_in_progress') === 0 &&
    numberIn(facts, 'loading') === 0
  )
}

/** A link for reading: of replicas, too, and without making keys look used where the server can do that. */
export function readingLink(
  source: Cluster,
  { node, engine, info }: SourceNode,
  clientName: string,
): RawLink {
  return source.rawLink(node.address, clientName, [
    ...(info.get('redis_mode') === 'cluster' || info.get('server_mode') === 'cluster' ? [['READONLY']] : []),
    ...(atLeast(engine.version, '7.2') ? [['CLIENT', 'NO-TOUCH', 'ON']] : []),
  ])
}

/** The slots that a primary itself says it serves, without those that are on their way to another node. */
export async function settledSlots(
  source: Cluster,
  primary: ClusterNode,
  clientName: string,
): Promise<SlotSet> {
  const link = source.rawLink(primary.address, clientName)
  try {
    const [reply] = await link.exchange(NODES, 1, TIMEOUT_MS)
    const refused = errorOf(reply!)
    if (refused?.includes('cluster support disabled')) return SlotSet.all()
    if (refused !== undefined) throw refusal(primary.address, 'CLUSTER NODES', refused)
    const text = bulkOf(reply!)?.toString() ?? ''
    return settledOf(text.split('\n').find((line) => line.includes('myself')) ?? '')
  } finally {
    link.close()
  }
}

/** The slots of a line of CLUSTER NODES, less those that migrate (`[93->-id]`). */
function settledOf(line: string): SlotSet {
  const words = line.trim().split(' ')
  if (!words[2]?.includes('master')) return new SlotSet()
  const slots = new SlotSet(
    words.slice(8).flatMap((word) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(word)
      return match ? [[Number(match[1]), Number(match[2] ?? match[1])] as const] : []
    }),
  )
  const leaving = words.flatMap((word) => /^\[(\d+)->-/.exec(word)?.[1] ?? []).map(Number)
  slots.remove(new SlotSet(leaving.map((slot) => [slot, slot])))
  return slots
}

const MINUS = 45

/** Replies that mean: not now. */
const PASSING = /^(LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|TRYAGAIN)/

function refusal(address: string, command: string, reply: string): Error {
  const error = replyError(address, command, reply)
  return PASSING.test(reply) ? new SourceChanged(error.message) : error
}

/** What went wrong with a node that may be well again soon. @throws what will not mend itself */
export function passing(error: unknown): string {
  const passes =
    error instanceof SourceChanged ||
    (error instanceof NodeError && !['denied', 'auth', 'reply', 'protocol'].includes(error.kind))
  if (!passes) throw error
  return error.message
}

/** Talks to a node of the source for as long as it is the same process; waits for a while when it does not answer. */
export class PatientLink {
  #connections = 0
  #closed = false

  constructor(
    private readonly link: RawLink,
    private readonly runId: string,
    private readonly turn: () => Promise<void>,
    private readonly silent: (reason: string) => void,
  ) {}

  /**
   * @throws SourceChanged it is another process now, or silent for too long
   * @throws NodeError it refuses
   */
  async ask(request: Buffer, count: number, bytes = 0): Promise<Buffer[]> {
    const started = performance.now()
    for (let backoffMs = 50; ; backoffMs = Math.min(1000, backoffMs * 2)) {
      if (this.#closed) throw new SourceChanged(`${this.link.address} is not read any more`)
      let why: string
      try {
        if (this.link.connections !== this.#connections) await this.#identify()
        const replies = await this.link.exchange(request, count, TIMEOUT_MS + bytes / SLOWEST)
        // It may have connected anew for just this.
        if (this.link.connections !== this.#connections) await this.#identify()
        const refused = replies.find((reply) => reply[0] === MINUS && PASSING.test(errorOf(reply)!))
        if (refused === undefined) {
          this.silent('')
          return replies
        }
        why = replyError(this.link.address, 'reading', errorOf(refused)!).message
      } catch (error) {
        if (!(error instanceof NodeError) || ['denied', 'auth', 'reply'].includes(error.kind)) throw error
        why = error.message
      }
      if (performance.now() - started > GIVE_UP_MS) throw new SourceChanged(why)
      this.silent(why)
      await setTimeout(backoffMs)
      await this.turn()
    }
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true
    this.link.close()
  }

  async #identify(): Promise<void> {
    const [reply] = await this.link.exchange(INFO_SERVER, 1, TIMEOUT_MS)
    const refused = errorOf(reply!)
    if (refused !== undefined) throw replyError(this.link.address, 'INFO', refused)
    const runId = readInfo(bulkOf(reply!) ?? Buffer.alloc(0)).get('run_id')
    if (runId !== this.runId) throw new SourceChanged(`${this.link.address} was started anew`)
    this.#connections = this.link.connections
  }
}
