import { replyError } from './errors.js'
import { encodePipeline } from './frames.js'
import type { NodeReader } from './node-reader.js'
import { bulkOf, errorOf } from './replies.js'
import { parseClusterNodes, singleNodeView, type MovingSlot, type NodeView } from './topology.js'

/** Of a view; a cluster has a thousand at most. What names more may be no node of it, and each costs memory. */
const MOST_NODES = 5000

const NODES = encodePipeline([['CLUSTER', 'NODES']])
const VIEW = encodePipeline([
  ['CLUSTER', 'NODES'],
  ['CLUSTER', 'MYSHARDID'],
])
const SHARD_ID = encodePipeline([['CLUSTER', 'MYSHARDID']])

export interface NodeViewsOptions {
  readonly nodeTimeoutMs: number
  /** A node outside cluster mode will do, too: its view is that of a cluster of one. */
  readonly single: boolean
  /** Says where an announced address is reached. */
  readonly translate: (node: NodeView) => NodeView
}

/** Asks nodes how they see their cluster, and keeps what each says of itself alone: its shard, its slots on their way. */
export class NodeViews {
  /** Engine shard ids by node id; '' stands for an engine that has none (Redis 7.0). */
  readonly shardIds = new Map<string, string>()
  readonly #migrating = new Map<string, readonly MovingSlot[]>()
  readonly #withoutShardId = new WeakSet<NodeReader>()

  constructor(private readonly options: NodeViewsOptions) {}

  /**
   * Asks one node.
   * @throws Error for people: it does not answer, refuses, is no node of a cluster, or names too many
   */
  async read(reader: NodeReader): Promise<NodeView[]> {
    const { link } = reader
    const [nodes, shardId] = await this.#ask(reader)
    const refused = errorOf(nodes)
    if (refused?.includes('cluster support disabled')) {
      if (this.options.single) return [singleNodeView(link.endpoint)]
      throw new Error(
        `${link.address}: not in cluster mode; watch a single node with --redis.addr and without a cluster name`,
      )
    }
    if (refused !== undefined) throw replyError(link.address, 'CLUSTER NODES', refused)
    const announced = parseClusterNodes(bulkOf(nodes)?.toString() ?? '')
    if (announced.length === 0)
      throw new Error(
        `${link.address}: CLUSTER NODES: an answer without a node; is that a Redis, or a proxy?`,
      )
    if (announced.length > MOST_NODES) {
      throw new Error(
        `${link.address}: names ${announced.length} nodes, and more than ${MOST_NODES} are not followed; is it a node of this cluster? CLUSTER NODES there shows them`,
      )
    }
    // A node that has met no other does not know its own address.
    const { host, path } = link.endpoint
    const view = announced.map((node) =>
      node.host === '' && node.myself && path === undefined
        ? { ...node, host }
        : this.options.translate(node),
    )
    const myself = view.find((node) => node.myself)
    if (myself) {
      this.shardIds.set(myself.id, shardId === undefined ? '' : this.#shardIdIn(shardId, reader))
      this.#migrating.set(myself.id, myself.migrating)
    }
    return view
  }

  /** Slots on their way from a node to another, as it said when it was last asked. */
  migratingFrom(id: string): readonly MovingSlot[] {
    return this.#migrating.get(id) ?? []
  }

  /** Asks the nodes for their shard ids that have never been asked. */
  async learnShardIds(
    views: readonly (readonly NodeView[])[],
    readerOf: (node: NodeView) => NodeReader | undefined,
  ): Promise<void> {
    const unknown = new Map(
      views
        .flat()
        .flatMap((node) => (this.shardIds.has(node.id) || node.flags.length > 0 ? [] : [[node.id, node]])),
    )
    await Promise.all(
      [...unknown].map(async ([id, node]) => {
        const reader = readerOf(node)
        if (!reader) return
        const replies = await reader.link
          .exchange(SHARD_ID, 1, this.options.nodeTimeoutMs)
          .catch(() => undefined)
        if (replies) this.shardIds.set(id, this.#shardIdIn(replies[0]!, reader))
      }),
    )
  }

  /** Whoever has refused CLUSTER MYSHARDID is not asked again until it has been away: a refusal counts as an error there. */
  async #ask(reader: NodeReader): Promise<[nodes: Buffer, shardId: Buffer | undefined]> {
    const withShardId = !this.#withoutShardId.has(reader)
    try {
      const replies = await reader.link.exchange(
        withShardId ? VIEW : NODES,
        withShardId ? 2 : 1,
        this.options.nodeTimeoutMs,
      )
      return [replies[0]!, replies[1]]
    } catch (error) {
      this.#withoutShardId.delete(reader)
      throw error
    }
  }

  #shardIdIn(reply: Buffer, reader: NodeReader): string {
    if (errorOf(reply) !== undefined) this.#withoutShardId.add(reader)
    return bulkOf(reply)?.toString() ?? ''
  }
}
