import type { EventData, StoredEvent, Topology, TopologyNode } from '../../api/contract'
import { nameOf, say } from '../../features/events/sentences'

type Shards = Topology['shards']
type Known = EventData<'cluster.node-added'>['node']

/** Events that tell who owns which slots. */
export const OWNERSHIP = [
  'cluster.discovered',
  'cluster.node-added',
  'cluster.node-changed',
  'cluster.node-removed',
] as const

/** From here on slots had these owners, until the next moment. */
export interface Moment {
  /** Its last event in the stream of the cluster; what the URL names. */
  readonly version: number
  readonly time: string
  /** In sentences. */
  readonly what: readonly string[]
  /** In the order of those of now, others behind them, so that a shard keeps its number and colour. */
  readonly shards: Shards
}

/**
 * The moments at which slots came to other owners, oldest first.
 * @param events of OWNERSHIP, oldest first; where the log begins later than the cluster, the moments begin when all
 *   nodes that they name have been named: who owned what before nobody knows
 * @param present the shards of now: what no event names is as it is now
 */
export function historyOf(events: readonly StoredEvent[], present: Shards): readonly Moment[] {
  const unnamed = new Set(events.flatMap(idsIn))
  const nodes = new Map(
    present.flatMap(({ id: shard, slots, nodes }) =>
      nodes
        .filter(({ id }) => !unnamed.has(id))
        .map((node) => [node.id, asKnown(node, shard, node === nodes[0] ? slots : [])] as const),
    ),
  )
  const moments: Moment[] = []
  let seen = ''
  for (const event of events) {
    for (const id of idsIn(event)) unnamed.delete(id)
    apply(nodes, event)
    const owners = ownersIn(nodes)
    if (unnamed.size > 0 || owners === seen) continue
    seen = owners
    const before = moments.at(-1)
    const together = before?.time === event.time
    if (together) moments.pop()
    moments.push({
      version: event.streamversion,
      time: event.time,
      what: [...(together ? before.what : []), say(event).text],
      shards: shardsOf([...nodes.values()], present),
    })
  }
  return moments
}

function idsIn(event: StoredEvent): readonly string[] {
  const data = event.data as Partial<{ nodes: readonly Known[]; node: Known; id: string }>
  return [
    ...(data.nodes ?? []).map(({ id }) => id),
    ...(data.node ? [data.node.id] : []),
    ...(data.id ? [data.id] : []),
  ]
}

function apply(nodes: Map<string, Known>, event: StoredEvent): void {
  const data = event.data as Partial<{ nodes: readonly Known[]; node: Known; id: string }>
  if (nameOf(event) === 'cluster.discovered') nodes.clear()
  for (const node of [...(data.nodes ?? []), ...(data.node ? [data.node] : [])]) nodes.set(node.id, node)
  if (data.id !== undefined) nodes.delete(data.id)
}

const asKnown = ({ id, instance, role }: TopologyNode, shard: string, slots: Known['slots']): Known => ({
  ...{ id, instance, role, shard, slots },
  primaryId: '',
  failed: false,
})

/** As text, to compare by. */
const ownersIn = (nodes: ReadonlyMap<string, Known>) =>
  [...nodes.values()]
    .filter(({ slots }) => slots.length > 0)
    .map(({ id, shard, failed, slots }) => `${id} ${shard} ${failed} ${slots.join(' ')}`)
    .sort()
    .join('\n')

function shardsOf(nodes: readonly Known[], present: Shards): Shards {
  const ids = new Set([...present.map(({ id }) => id), ...nodes.map(({ shard }) => shard)])
  return [...ids].map((id) => {
    const own = nodes.filter(({ shard }) => shard === id)
    return {
      id,
      slots: own.flatMap(({ slots }) => slots),
      nodes: own.map(({ id, instance, role, failed }) => ({
        ...{ id, instance, role },
        address: instance,
        flags: failed ? ['fail'] : [],
      })),
    }
  })
}
