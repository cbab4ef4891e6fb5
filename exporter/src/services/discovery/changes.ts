import type { ClusterNode, ClusterReading } from '../../redis/replies.js'

/** What changed in a cluster between two readings, as one would tell it. */
export interface Change {
  readonly type:
    'node-added' | 'node-forgotten' | 'node-failed' | 'node-recovered' | 'failover' | 'slots-moved'
  readonly text: string
}

/** Compares two readings of one cluster; the first reading of all has changed nothing. */
export function changesBetween(before: ClusterReading | undefined, after: ClusterReading): Change[] {
  if (!before) return []
  const old = new Map(before.nodes.map((node) => [node.id, node]))
  return [...after.nodes.flatMap((node) => nodeChanges(old.get(node.id), node)), ...failovers(before, after)]
}

function nodeChanges(
  before: ClusterNode | undefined,
  { instance, role, flags, slots }: ClusterNode,
): Change[] {
  if (!before) return [{ type: 'node-added', text: `${instance} joined as ${role}` }]
  const changes: Change[] = []
  const had = (flag: string) => before.flags.includes(flag)
  if (flags.includes('forgotten') && !had('forgotten')) {
    changes.push({ type: 'node-forgotten', text: `${instance} is known to no node any more` })
  }
  if (flags.includes('fail') && !had('fail'))
    changes.push({ type: 'node-failed', text: `${instance} (${role}) has failed` })
  if (had('fail') && !flags.includes('fail') && !flags.includes('forgotten')) {
    changes.push({ type: 'node-recovered', text: `${instance} is back as ${role}` })
  }
  const moved = before.role === 'primary' && role === 'primary' && String(before.slots) !== String(slots)
  if (moved)
    changes.push({
      type: 'slots-moved',
      text: `${instance} now owns slots ${slots.map((range) => range.join('-')).join(' ') || 'none'}`,
    })
  return changes
}

function failovers(before: ClusterReading, after: ClusterReading): Change[] {
  const owner = (reading: ClusterReading) =>
    new Map(
      reading.nodes
        .filter(({ role, slots }) => role === 'primary' && slots.length > 0)
        .map((node) => [node.shard, node]),
    )
  const old = owner(before)
  return [...owner(after)].flatMap(([shard, node]) => {
    const former = old.get(shard)
    if (!former || former.id === node.id) return []
    return {
      type: 'failover' as const,
      text: `shard ${shard}: ${node.instance} took over from ${former.instance}`,
    }
  })
}
