import type { ClusterNode } from './replies.js'
import { bestView, type NodeView } from './topology.js'
import { addressOf } from './endpoint.js'

/** What is carried from one reading of a cluster to the next. */
export interface Memory {
  /** Nodes by id, with the time (seconds) when a view last knew them. */
  readonly known: ReadonlyMap<string, { node: ClusterNode; at: number }>
  /** Engine shard ids by node id. */
  readonly shardIds: ReadonlyMap<string, string>
}

export interface MergeOptions {
  readonly now: number
  /** How long a node that no view knows any more is kept; seconds. */
  readonly retentionSeconds: number
  /** Connect to the announced host name rather than to the address. */
  readonly preferHostnames: boolean
}

/**
 * Merges views into the cluster's nodes: the best view says what each node is, the others add the nodes that it
 * does not know, and nodes that none knows any more stay for a while, flagged `forgotten`.
 * @returns the nodes, in the order of shard, role, instance
 */
export function mergeViews(
  views: readonly (readonly NodeView[])[],
  memory: Memory,
  options: MergeOptions,
): ClusterNode[] {
  const best = bestView(views) ?? []
  const seen = new Map<string, NodeView>()
  for (const node of [...best, ...views.flat()])
    if (isMember(node) && !seen.has(node.id)) seen.set(node.id, node)
  const present = [...seen.values()]
  const shards = shardNames(present, memory)
  const linksDown = countBy(
    views.flat().filter(({ linkUp }) => !linkUp),
    ({ id }) => id,
  )
  const hostnameCount = countBy(present, (node) => `${node.hostname}:${node.port}`)

  const nodes = present.map((node): ClusterNode => {
    const address = addressOf(node.reach ?? node)
    const announced = `${node.hostname}:${node.port}`
    const named = node.hostname !== '' && hostnameCount.get(announced) === 1
    return {
      id: node.id,
      address: options.preferHostnames && named && !node.reach ? announced : address,
      instance: named ? announced : address,
      role: node.role,
      primaryId: node.primaryId,
      shard: shards.get(node.id)!,
      flags: node.flags,
      slots: node.slots,
      linksDown: linksDown.get(node.id) ?? 0,
    }
  })
  for (const [id, { node, at }] of memory.known) {
    if (seen.has(id) || options.now - at > options.retentionSeconds) continue
    nodes.push({ ...node, flags: ['forgotten'], slots: [], linksDown: 0 })
  }
  return onePerInstance(nodes).sort(
    (a, b) => order(a.shard, b.shard) || order(a.role, b.role) || order(a.instance, b.instance),
  )
}

/** A node in handshake has a made-up id, one without an address cannot be reached. */
function isMember({ flags, host, port }: NodeView): boolean {
  return !flags.includes('handshake') && !flags.includes('noaddr') && host !== '' && port > 0
}

/**
 * Node id -> shard: the engine's shard id where any of its nodes has told it; else the name that the shard had when
 * its primary was last seen, so that a failover (the failed primary is then alone, without slots) renames nothing;
 * else the smallest node id in the shard.
 */
function shardNames(nodes: readonly NodeView[], { known, shardIds }: Memory): Map<string, string> {
  const members = new Map<string, string[]>()
  const serving = new Set(nodes.filter((node) => node.slots.length > 0).map((node) => node.id))
  for (const { id, primaryId } of nodes) {
    const primary = primaryId === '' ? id : primaryId
    members.set(primary, [...(members.get(primary) ?? []), id])
  }
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const servingFirst = [...members].sort(([a], [b]) => Number(serving.has(b)) - Number(serving.has(a)))
  for (const [primary, ids] of servingFirst) {
    const sorted = [...ids].sort()
    const engineId = [primary, ...sorted]
      .map((id) => shardIds.get(id))
      .find((id) => id !== undefined && id !== '')
    const remembered = known.get(primary)?.node.shard
    const free =
      remembered !== undefined && !(serving.has(primary) && taken.has(remembered)) ? remembered : undefined
    const name = engineId ?? free ?? sorted[0]!
    taken.add(name)
    for (const id of ids) names.set(id, name)
  }
  return names
}

/** After a node came back under a new id, its old self is dropped: one instance is one series. */
function onePerInstance(nodes: readonly ClusterNode[]): ClusterNode[] {
  const byInstance = new Map<string, ClusterNode>()
  for (const node of nodes) {
    const other = byInstance.get(node.instance)
    if (!other || wellness(node) > wellness(other)) byInstance.set(node.instance, node)
  }
  return [...byInstance.values()]
}

function wellness({ flags }: ClusterNode): number {
  if (flags.includes('forgotten')) return 0
  return flags.includes('fail') ? 1 : 2
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether other nodes miss it. */
export function isAway({ flags, linksDown }: ClusterNode): boolean {
  return linksDown > 0 || flags.some((flag) => flag.startsWith('fail') || flag === 'forgotten')
}

/** Shards whose primary is another node than before. */
export function countFailovers(before: readonly ClusterNode[], after: readonly ClusterNode[]): number {
  const primaryOf = (nodes: readonly ClusterNode[]) =>
    new Map(
      nodes
        .filter((node) => node.role === 'primary' && node.slots.length > 0)
        .map((node) => [node.shard, node.id]),
    )
  const old = primaryOf(before)
  return [...primaryOf(after)].filter(([shard, id]) => old.has(shard) && old.get(shard) !== id).length
}
