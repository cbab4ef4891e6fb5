import { Badge, Text, TextLink } from '@grafana/ui'
import { useEffect } from 'react'
import { paths } from '../../app/paths'
import type { TopologyNode } from '../../api/contract'
import { useSort } from '../../components/useSort'
import { DataTable, type Column } from '../../features/operations/DataTable'
import { NodeMemory } from '../../features/operations/NodeMemory'
import { bytes, count, percent, short } from '../../features/operations/text'
import { NodeStateBadge } from '../../features/topology/NodeBadges'
import { stateOf } from '../../features/topology/nodes'
import { OddMark } from '../../features/topology/OddMark'
import { SLOTS } from '../../features/topology/verdicts'
import { rangesText } from '../../features/topology/slots'
import { FIGURES, type FigureName } from './figures'
import type { ShardRow } from './rows'

interface Props {
  readonly cluster: string
  readonly rows: readonly ShardRow[]
  /** Id of the shard that a link led to. */
  readonly marked: string
  readonly waiting: boolean
}

const anchor = (id: string) => `shard-${id}`

/** A row a shard: its primary and replicas, what endangers it, and how loaded it is. */
export function ShardsTable({ cluster, rows, marked, waiting }: Props) {
  const sort = useSort('')
  useEffect(() => {
    if (marked !== '') document.getElementById(anchor(marked))?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  const columns: Column<ShardRow>[] = [
    {
      header: 'Shard',
      value: ({ number }) => number,
      cell: ({ number, shard: { id } }) => (
        <span id={anchor(id)}>
          <strong>{number}</strong> <code title={id}>{short(id)}</code>
          {id === marked && (
            <>
              {' '}
              <Badge color="blue" icon="link" text="linked" />
            </>
          )}
        </span>
      ),
    },
    {
      header: 'State',
      value: ({ risks }) => (risks.length === 0 ? 2 : risks.some(({ tone }) => tone === 'bad') ? 0 : 1),
      cell: ({ risks }) =>
        risks.length === 0 ? (
          <Badge color="green" icon="check" text="OK" />
        ) : (
          risks.map(({ text, tone }) => (
            <div key={text} style={{ whiteSpace: 'nowrap' }}>
              <Badge
                color={tone === 'bad' ? 'red' : 'orange'}
                icon={tone === 'bad' ? 'exclamation-circle' : 'exclamation-triangle'}
                text={text}
              />
            </div>
          ))
        ),
    },
    {
      header: 'Slots',
      numeric: true,
      value: ({ slots }) => slots,
      cell: ({ slots, shard }) => (
        <>
          {count(slots)} ({percent(slots / SLOTS)})
          <div>
            <Text variant="bodySmall" color="secondary">
              {rangesText(shard.slots)}
            </Text>
          </div>
        </>
      ),
    },
    {
      header: 'Primary',
      value: ({ primary }) => primary?.instance,
      cell: ({ primary }) => (primary ? <Node cluster={cluster} node={primary} /> : 'none'),
    },
    {
      header: 'With it',
      value: ({ others }) => others.length,
      cell: ({ others }) =>
        others.length === 0
          ? 'none'
          : others.map((node) => <Node key={node.id} cluster={cluster} node={node} />),
    },
    figure('keys', waiting),
    figure('memory', waiting, ({ primary, figures }) => (
      <NodeMemory instance={primary!.instance} used={figures!.memory.own!} full={figures!.full.own} />
    )),
    figure('commands', waiting),
  ]
  return (
    <DataTable
      label={`Shards of ${cluster}`}
      rows={rows}
      rowKey={({ shard }) => shard.id}
      columns={columns}
      sort={sort}
      maxHeight={800}
    />
  )
}

/** A node of the shard: what is wrong with it, and of a replica how far it is behind. */
function Node({ cluster, node }: { readonly cluster: string; readonly node: TopologyNode }) {
  const { instance, role, link, lag, zone } = node
  const about = [
    ...(zone === undefined ? [] : [`in ${zone}`]),
    ...(role === 'replica' && link === 'up' ? ['link up'] : []),
    ...(role === 'replica' && lag !== undefined ? [`${bytes(lag)} behind`] : []),
  ]
  return (
    <div style={{ whiteSpace: 'nowrap' }}>
      <TextLink href={paths.node(cluster, instance)} inline={false}>
        {instance}
      </TextLink>{' '}
      {stateOf(node).text !== 'OK' && <NodeStateBadge node={node} />}
      {link === 'down' && <Badge color="red" icon="exclamation-circle" text="link down" />}
      {about.length > 0 && (
        <div>
          <Text variant="bodySmall" color="secondary">
            {about.join(', ')}
          </Text>
        </div>
      )}
    </div>
  )
}

function figure(
  name: FigureName,
  waiting: boolean,
  cell?: (row: ShardRow) => React.ReactNode,
): Column<ShardRow> {
  const { label, say } = FIGURES[name]
  return {
    header: label,
    numeric: true,
    value: ({ figures }) => figures?.[name].own,
    cell: (row) => {
      const beside = row.figures?.[name]
      if (beside?.own === undefined) return waiting ? '…' : '–'
      const { times, peers } = beside
      return (
        <>
          {times !== undefined && peers && (
            <OddMark times={times} what={`Unlike the other shards: their median is ${say(peers.median)}`} />
          )}
          {cell ? cell(row) : say(beside.own)}
        </>
      )
    },
  }
}
