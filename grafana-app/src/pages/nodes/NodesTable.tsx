import { TextLink } from '@grafana/ui'
import { paths } from '../../app/paths'
import { useSort } from '../../components/useSort'
import { DataTable, type Column } from '../../features/operations/DataTable'
import { NodeMemory } from '../../features/operations/NodeMemory'
import { isGone, withoutName } from '../../features/topology/causes'
import { LinkBadge, NodeStateBadge } from '../../features/topology/NodeBadges'
import { roleText, stateOf } from '../../features/topology/nodes'
import { OddMark } from '../../features/topology/OddMark'
import { FIGURES, type FigureName } from './figures'
import type { NodeRow } from './rows'

interface Props {
  readonly cluster: string
  /** In the order they are shown unless a column is chosen. */
  readonly rows: readonly NodeRow[]
  /** Figures are on their way. */
  readonly waiting: boolean
}

/** Every node with its figures; those unlike their peers are marked. */
export function NodesTable({ cluster, rows, waiting }: Props) {
  const sort = useSort('')
  const zones = rows.some(({ node }) => node.zone !== undefined)
  const columns: Column<NodeRow>[] = [
    {
      header: 'Node',
      value: ({ node }) => node.instance,
      cell: ({ node: { instance, address } }) => (
        <div style={{ whiteSpace: 'nowrap' }}>
          <TextLink href={paths.node(cluster, instance)} inline={false}>
            {instance}
          </TextLink>
          {address !== instance && <div>{address}</div>}
        </div>
      ),
    },
    {
      header: 'Shard',
      value: ({ number }) => number,
      cell: ({ number, shard }) => (
        <TextLink href={paths.shard(cluster, shard.id)} color="primary" inline={false}>
          {String(number)}
        </TextLink>
      ),
    },
    {
      header: 'Role',
      value: ({ node }) => node.role,
      cell: ({ node, shard }) => roleText(node, shard),
    },
    {
      header: 'State',
      value: ({ node }) => stateOf(node).rank,
      cell: ({ node }) => (
        <>
          <NodeStateBadge node={node} />{' '}
          {node.link === 'down' && (
            <>
              link <LinkBadge link="down" />
            </>
          )}
          {node.error !== undefined && (
            <div style={{ minWidth: 140 }}>{withoutName(node.error, node.instance)}</div>
          )}
        </>
      ),
    },
    ...(zones ? [{ header: 'Zone', value: zoneOf, cell: (row: NodeRow) => zoneOf(row) ?? '–' }] : []),
    figure('memory', {
      header: 'Memory',
      waiting,
      cell: ({ node, figures }) => (
        <NodeMemory instance={node.instance} used={figures!.memory.own!} full={figures!.full.own} />
      ),
    }),
    ...(['commands', 'latency', 'cpu', 'clients', 'evicted', 'lag', 'uptime'] as const).map((name) =>
      figure(name, { waiting }),
    ),
  ]
  return (
    <DataTable
      label={`Nodes of ${cluster}`}
      rows={rows}
      rowKey={({ node }) => node.id}
      columns={columns}
      sort={sort}
      maxHeight={800}
      dense
    />
  )
}

const zoneOf = ({ node }: NodeRow) => node.zone

interface Shows {
  readonly waiting: boolean
  readonly header?: string
  readonly cell?: (row: NodeRow) => React.ReactNode
}

function figure(name: FigureName, { waiting, header, cell }: Shows): Column<NodeRow> {
  const { label, say } = FIGURES[name]
  return {
    header: header ?? label,
    numeric: true,
    value: ({ figures }) => figures?.[name].own,
    cell: (row) => {
      const own = row.figures?.[name].own
      if (own === undefined) return waiting && !isGone(row.node) ? '…' : '–'
      return (
        <>
          <Odd name={name} row={row} />
          {cell ? cell(row) : say(own)}
        </>
      )
    },
  }
}

/** Marks what is far from its peers, and says how far. */
function Odd({ name, row: { node, figures } }: { readonly name: FigureName; readonly row: NodeRow }) {
  const { times, peers } = figures![name]
  if (times === undefined || !peers) return null
  const how = Number.isFinite(times) ? `${Number(times.toPrecision(2))} times` : 'far above'
  const median = FIGURES[name].say(peers.median)
  const others = node.role === 'primary' ? 'primaries' : 'replicas'
  const what = `Unlike its peers: ${how} the median of the other ${others}, ${median}`
  return <OddMark times={times} what={what} />
}
