import type { BadgeColor, IconName } from '@grafana/ui'
import type { Topology, TopologyNode } from '../../api/contract'
import { isGone } from './causes'

export type Shard = Topology['shards'][number]

/** Who serves in the place of a primary that has failed; undefined where nobody does, or the node is none. */
export function successorOf(node: TopologyNode, shard: Pick<Shard, 'nodes'>): TopologyNode | undefined {
  if (node.role !== 'primary' || !isGone(node)) return undefined
  const serving = primaryOf(shard)
  return serving && !isGone(serving) ? serving : undefined
}

/** Its role in words: a primary that was replaced calls itself one until it is back. */
export const roleText = (node: TopologyNode, shard: Pick<Shard, 'nodes'>): string =>
  successorOf(node, shard) ? 'former primary' : node.role

/** A node with its shard. */
export interface Placed {
  readonly node: TopologyNode
  readonly shard: Shard
  /** 1 for the first. */
  readonly number: number
}

export function placed({ shards }: Pick<Topology, 'shards'>): readonly Placed[] {
  return shards.flatMap((shard, index) => shard.nodes.map((node) => ({ node, shard, number: index + 1 })))
}

/** Flags that say nothing beyond the role. */
const PLAIN_FLAGS = new Set(['myself', 'master', 'slave', 'noflags'])

export interface NodeState {
  /** Worst first. */
  readonly rank: number
  readonly text: string
  readonly color: BadgeColor
  readonly icon: IconName
}

/** How a node is, as its peers and the exporter see it. */
export function stateOf({ flags, error }: Pick<TopologyNode, 'flags' | 'error'>): NodeState {
  const said = flags.filter((flag) => !PLAIN_FLAGS.has(flag))
  if (flags.includes('fail')) return { rank: 0, text: 'Failed', color: 'red', icon: 'exclamation-circle' }
  if (error !== undefined)
    return { rank: 1, text: 'Does not answer', color: 'red', icon: 'exclamation-circle' }
  if (flags.includes('fail?'))
    return { rank: 2, text: 'Suspected (fail?)', color: 'orange', icon: 'exclamation-triangle' }
  if (said.length > 0) return { rank: 3, text: said.join(', '), color: 'orange', icon: 'info-circle' }
  return { rank: 4, text: 'OK', color: 'green', icon: 'check' }
}

/** Its slots have an owner that has not failed. */
export const isServed = ({ nodes }: Pick<Shard, 'nodes'>) =>
  nodes.some(({ role, flags }) => role === 'primary' && !flags.includes('fail'))

export const primaryFirst = (a: TopologyNode, b: TopologyNode) =>
  a.role.localeCompare(b.role) || a.instance.localeCompare(b.instance, undefined, { numeric: true })

/** The one that serves: after a failover the failed one still calls itself a primary. */
export function primaryOf({ nodes }: Pick<Shard, 'nodes'>): TopologyNode | undefined {
  const primaries = nodes.filter(({ role }) => role === 'primary').sort(primaryFirst)
  return primaries.find((node) => !isGone(node)) ?? primaries[0]
}
