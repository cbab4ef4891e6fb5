import { EmptyState, LinkButton } from '@grafana/ui'
import { paths } from '../../app/paths'
import { useTopology } from '../../api/hooks'
import { Loaded } from '../../components/states/Loaded'
import { placed } from '../../features/topology/nodes'
import { Head } from './Head'
import { Parts } from './Parts'

interface Props {
  readonly cluster: string
  readonly instance: string
}

/** Why this node? */
export function Node({ cluster, instance }: Props) {
  return (
    <Loaded query={useTopology(cluster)} what="the node">
      {(topology) => {
        const nodes = placed(topology)
        const own = nodes.find(({ node }) => node.instance === instance)
        if (!own) return <Gone cluster={cluster} instance={instance} />
        return (
          <>
            <Head cluster={cluster} own={own} readAt={topology.readAt} />
            <Parts cluster={cluster} own={own} nodes={nodes} />
          </>
        )
      }}
    </Loaded>
  )
}

/** What happened to it stands in the log all the same. */
function Gone({ cluster, instance }: Props) {
  return (
    <EmptyState
      variant="not-found"
      message={`${cluster} has no node ${instance}`}
      button={
        <>
          <LinkButton href={paths.cluster(cluster, 'nodes')} variant="primary">
            Nodes of {cluster}
          </LinkButton>{' '}
          <LinkButton
            href={`${paths.cluster(cluster, 'events')}?q=${encodeURIComponent(instance)}`}
            variant="secondary"
          >
            What happened to it
          </LinkButton>
        </>
      }
    >
      It may have left the cluster, or have another address now.
    </EmptyState>
  )
}
