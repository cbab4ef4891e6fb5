import type { Cluster } from '../../../redis/cluster.js'
import type { RawLink } from '../../../redis/raw-link.js'
import type { ClusterNode } from '../../../redis/replies.js'
import type { Item } from './item.js'
import type { Ask } from './read.js'
import { SlotSet } from '../../slots/slot-set.js'

const TIMEOUT_MS = 10_000

/** Links to the nodes of a cluster, by the slots that are read there. */
export class NodeLinks {
  readonly #nodes: { name: string; slots: SlotSet; ask: Ask; link: RawLink }[]

  /** @param nodes which node is read for which primary */
  constructor(
    nodes: readonly { readonly node: ClusterNode; readonly primary: ClusterNode }[],
    linkOf: (node: ClusterNode) => RawLink,
  ) {
    this.#nodes = nodes.map(({ node, primary }) => {
      const link = linkOf(node)
      const ask: Ask = (request, count) => link.exchange(request, count, TIMEOUT_MS)
      return { name: node.instance, slots: new SlotSet(primary.slots), ask, link }
    })
  }

  /** The primaries of a cluster as its last reading has them. */
  static ofPrimaries(cluster: Cluster, primaries: readonly ClusterNode[], clientName: string): NodeLinks {
    return new NodeLinks(
      primaries.map((node) => ({ node, primary: node })),
      ({ address }) => cluster.rawLink(address, clientName),
    )
  }

  /** Items by the node that has their slots; those of slots that nobody has are left out. */
  group(items: readonly Item[]): { name: string; ask: Ask; items: Item[] }[] {
    return this.#nodes
      .map(({ name, ask, slots }) => ({ name, ask, items: items.filter(({ slot }) => slots.has(slot)) }))
      .filter((group) => group.items.length > 0)
  }

  close(): void {
    for (const { link } of this.#nodes) link.close()
  }
}
