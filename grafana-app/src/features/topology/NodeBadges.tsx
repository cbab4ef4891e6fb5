import { Badge } from '@grafana/ui'
import type { TopologyNode } from '../../api/contract'
import { stateOf } from './nodes'

export function NodeStateBadge({ node }: { readonly node: TopologyNode }) {
  const { text, color, icon } = stateOf(node)
  return <Badge text={text} color={color} icon={icon} />
}

/** The link of a replica to its primary. */
export function LinkBadge({ link }: Pick<TopologyNode, 'link'>) {
  if (link === undefined) return 'not known'
  return link === 'up' ? (
    <Badge color="green" icon="check" text="up" />
  ) : (
    <Badge color="red" icon="exclamation-circle" text="down" />
  )
}
