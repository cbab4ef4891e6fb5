/** Topologies as the API answers them, for tests. */
import type { Topology, TopologyNode } from '../api/contract'

const node = (
  instance: string,
  role: TopologyNode['role'],
  more: Partial<TopologyNode> = {},
): TopologyNode => ({
  id: `id-of-${instance}`,
  instance,
  address: instance,
  role,
  flags: [],
  ...(role === 'replica' && { link: 'up' as const, lag: 0 }),
  ...more,
})

/** Three shards of a primary `p<n>:1` and a replica `r<n>:1`; what is given for a node changes it. */
export function threeShards(more: Readonly<Record<string, Partial<TopologyNode>>> = {}): Topology {
  const ranges = [
    [0, 5460],
    [5461, 10922],
    [10923, 16383],
  ] as const
  return {
    cluster: 'demo',
    readAt: new Date().toISOString(),
    shards: ranges.map(([from, to], index) => ({
      id: String(index + 1).repeat(40),
      slots: [[from, to]],
      nodes: [
        node(`p${index + 1}:1`, 'primary', more[`p${index + 1}:1`]),
        node(`r${index + 1}:1`, 'replica', more[`r${index + 1}:1`]),
      ],
    })),
    views: { read: 6, opinions: 1 },
  }
}
