import { setTimeout } from 'node:timers/promises'
import type { Cluster } from '../../../redis/cluster.js'
import { encodePipeline } from '../../../redis/frames.js'
import { NodeError, replyError } from '../../../redis/errors.js'
import { readInfo } from '../../../redis/info.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, errorOf, type ClusterNode } from '../../../redis/replies.js'
import { atLeast } from '../../nodes/engine-version.js'
import { factsOf, numberIn, type NodeFacts } from '../../nodes/node-facts.js'
import { NodeChanged, PASSING } from '../../nodes/passing.js'

/** A node of the source that is read, for the shard of `primary`. */
export interface SourceNode extends NodeFacts {
  readonly primary: ClusterNode
}

const TIMEOUT_MS = 10_000
const GIVE_UP_MS = 15_000
/** A node that gives values no faster is taken to be silent; bytes a millisecond. */
const SLOWEST = 500
const INFO_SERVER = encodePipeline([['INFO', 'server']])

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

const MINUS = 45

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
   * @throws NodeChanged it is another process now, or silent for too long
   * @throws NodeError it refuses
   */
  async ask(request: Buffer, count: number, bytes = 0): Promise<Buffer[]> {
    const started = performance.now()
    for (let backoffMs = 50; ; backoffMs = Math.min(1000, backoffMs * 2)) {
      if (this.#closed) throw new NodeChanged(`${this.link.address} is not read any more`)
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
      if (performance.now() - started > GIVE_UP_MS) throw new NodeChanged(why)
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
    if (runId !== this.runId) throw new NodeChanged(`${this.link.address} was started anew`)
    this.#connections = this.link.connections
  }
}
