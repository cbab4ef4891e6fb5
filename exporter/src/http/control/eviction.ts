import type { z } from 'zod'
import type { eviction } from '../../contract/api.js'
import { readingOf } from './clusters.js'
import type { ControlOptions, NodeEviction } from './context.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

type Eviction = z.output<typeof eviction>

const PARAMETERS = ['maxmemory', 'policy', 'samples'] as const

/** /clusters/{c}/eviction */
export function evictionHandlers(
  options: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'getEviction'> {
  return {
    getEviction: async ({ principal, param }) => {
      const cluster = visibility.cluster(principal, param('cluster'))
      readingOf(cluster)
      return evictionOf(cluster.name, await options.readEviction(cluster.name))
    },
  }
}

/** What all nodes agree on, and where they do not: values by how many nodes have them, most first. */
export function evictionOf(cluster: string, nodes: readonly NodeEviction[]): Eviction {
  const effective: Record<string, string | number> = {}
  const drift: Eviction['drift'] = []
  for (const parameter of PARAMETERS) {
    const byValue = new Map<string | number, string[]>()
    for (const node of nodes) {
      const value = node[parameter]
      if (value !== undefined) byValue.set(value, [...(byValue.get(value) ?? []), node.instance])
    }
    const values = [...byValue].map(([value, nodes]) => ({ value, nodes }))
    if (values.length === 1) effective[parameter] = values[0]!.value
    else if (values.length > 1)
      drift.push({ parameter, values: values.sort((a, b) => b.nodes.length - a.nodes.length) })
  }
  return { cluster, effective, nodes: nodes.map((node) => ({ ...node })), drift }
}
