import type { Topology, TopologyNode } from '../../api/contract'
import type { Sample } from '../../queries/prometheus'
import { isGone } from '../../features/topology/causes'
import { comparing, type Beside } from '../../features/topology/peers'
import { placed, stateOf, type Placed } from '../../features/topology/nodes'
import { FIGURES, type FigureName } from './figures'

/** A node with its figures; undefined where Prometheus has none. */
export interface NodeRow extends Placed {
  readonly figures: Readonly<Record<FigureName, Beside>> | undefined
  /** How many figures are unlike those of its peers. */
  readonly odd: number
}

/** Every node beside its peers: the others of its role. */
export function rowsOf(
  topology: Pick<Topology, 'shards'>,
  samples: Readonly<Record<FigureName, readonly Sample[]>> | undefined,
): readonly NodeRow[] {
  const nodes = placed(topology)
  const ofRole = (role: TopologyNode['role']) =>
    nodes.flatMap(({ node }) => (node.role === role ? [node.instance] : []))
  const compare = samples && {
    primary: comparing(FIGURES, samples, ofRole('primary')),
    replica: comparing(FIGURES, samples, ofRole('replica')),
  }
  return nodes.map((one) => {
    const { instance, role } = one.node
    // A node that is gone has rates for minutes, of when it was there.
    const figures = isGone(one.node) ? undefined : compare?.[role](instance)
    const odd = figures ? Object.values(figures).filter(({ times }) => times !== undefined).length : 0
    return { ...one, figures, odd }
  })
}

/** Failed first, then what stands out, then the order of the shards. */
export const worstFirst = (a: NodeRow, b: NodeRow) =>
  stateOf(a.node).rank - stateOf(b.node).rank ||
  Number(a.node.link !== 'down') - Number(b.node.link !== 'down') ||
  b.odd - a.odd ||
  a.number - b.number ||
  a.node.role.localeCompare(b.node.role)

/** `trouble`: what is not as it should be, or unlike its peers. */
export const SHOWN = {
  all: 'All',
  primary: 'Primaries',
  replica: 'Replicas',
  trouble: 'Only trouble',
} as const
export type Shown = keyof typeof SHOWN

export const isShown = (text: string): text is Shown => Object.hasOwn(SHOWN, text)

export function choose(rows: readonly NodeRow[], shown: Shown, text: string): readonly NodeRow[] {
  const wanted = text.trim().toLowerCase()
  return rows.filter((row) => {
    const { node, shard, number } = row
    if (shown === 'trouble' && stateOf(node).text === 'OK' && node.link !== 'down' && row.odd === 0)
      return false
    if ((shown === 'primary' || shown === 'replica') && node.role !== shown) return false
    const words = [node.instance, node.address, node.id, node.role, node.zone, `shard ${number}`, shard.id]
    return words.join(' ').toLowerCase().includes(wanted)
  })
}
