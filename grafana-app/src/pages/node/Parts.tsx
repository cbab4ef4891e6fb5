import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { LoadingPlaceholder, useStyles2 } from '@grafana/ui'
import { Suspense } from 'react'
import { Link, useSearchParams } from 'react-router-dom'
import { lazyScenes } from '../../components/lazyScenes'
import { PARTS, type PartName } from '../../features/topology/facts'
import type { Placed } from '../../features/topology/nodes'
import { Configuration } from './Configuration'
import { Facts } from './Facts'
import { Summary } from './Summary'
import { TopCommands } from './TopCommands'

const NodeCharts = lazyScenes(() => import('./NodeCharts').then((m) => m.NodeCharts))

const NAMES = ['summary', ...(Object.keys(PARTS) as PartName[]), 'configuration'] as const
type Name = (typeof NAMES)[number]

const titleOf = (name: Name) =>
  name === 'summary' ? 'Summary' : name === 'configuration' ? 'Configuration' : PARTS[name].title

interface Props {
  readonly cluster: string
  readonly own: Placed
  /** All of the cluster. */
  readonly nodes: readonly Placed[]
}

/** The parts of a node's page; which one is shown stands in the URL. */
export function Parts(props: Props) {
  const styles = useStyles2(getStyles)
  const [parameters] = useSearchParams()
  const shown = NAMES.find((name) => name === parameters.get('part')) ?? 'summary'
  const to = (name: Name) => {
    const after = new URLSearchParams(parameters)
    if (name === 'summary') after.delete('part')
    else after.set('part', name)
    return { search: after.toString() }
  }
  return (
    <>
      <nav aria-label="Parts of the node" className={styles.parts}>
        {NAMES.map((name) => (
          <Link
            key={name}
            to={to(name)}
            className={styles.part}
            aria-current={name === shown ? 'page' : undefined}
          >
            {titleOf(name)}
          </Link>
        ))}
      </nav>
      <Shown name={shown} {...props} />
    </>
  )
}

function Shown({ name, cluster, own, nodes }: Props & { readonly name: Name }) {
  const peers = peersOf(own, nodes)
  const { instance } = own.node
  if (name === 'summary') return <Summary cluster={cluster} own={own} peers={peers} />
  if (name === 'configuration') return <Configuration cluster={cluster} instance={instance} />
  return (
    <>
      <Facts part={name} cluster={cluster} own={own} peers={peers} />
      {name === 'commands' && <TopCommands cluster={cluster} instance={instance} />}
      <Suspense fallback={<LoadingPlaceholder text="Loading charts…" />}>
        {/* As text, so that a new reading of the same nodes does not build the charts anew. */}
        <NodeCharts part={name} cluster={cluster} instance={instance} peers={peers.join(',')} />
      </Suspense>
    </>
  )
}

/** The others of its role: what one node is compared with. */
function peersOf({ node }: Placed, nodes: readonly Placed[]): readonly string[] {
  return nodes
    .map((other) => other.node)
    .filter((other) => other.role === node.role && other.instance !== node.instance)
    .map(({ instance }) => instance)
    .toSorted()
}

const getStyles = (theme: GrafanaTheme2) => ({
  parts: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginBottom: theme.spacing(2) }),
  part: css({
    padding: theme.spacing(0.5, 1.5),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.pill,
    color: theme.colors.text.secondary,
    '&:hover': { color: theme.colors.text.primary, background: theme.colors.action.hover },
    '&[aria-current=page]': {
      color: theme.colors.text.maxContrast,
      background: theme.colors.action.selected,
      borderColor: theme.colors.border.strong,
    },
  }),
})
