import { Badge, Stack } from '@grafana/ui'
import type { NodeProgress } from '../../api/contract'
import { DataTable, type Column } from './DataTable'
import { Meter } from './Meter'
import { OUTCOMES } from './states'
import { bytes, count, percent, short } from './text'

const note: Column<NodeProgress> = {
  header: 'Note',
  cell: ({ note }) => <div style={{ minWidth: 240 }}>{note}</div>,
}
const counted = (header: string, name: string, say = count): Column<NodeProgress> => ({
  header,
  cell: ({ counts }) => say(counts?.[name] ?? 0),
  numeric: true,
})

const MOVED = [
  counted('Written', 'written'),
  counted('Already there', 'existing'),
  counted('Failed', 'failed'),
]
const EVICTED = [counted('Evicted', 'evicted'), counted('Left', 'kept'), counted('Data', 'bytes', bytes)]

interface Props {
  readonly nodes: readonly NodeProgress[]
  /** The operation has ended: what was being worked on was left there. */
  readonly over: boolean
}

/** How far each node is; where keys move, what is read apart from where they arrive. */
export function NodesTable({ nodes, over }: Props) {
  const targets = nodes.filter(({ shard }) => shard !== undefined)
  const sources = nodes.filter(({ shard }) => shard === undefined)
  const counting = nodes.some(({ counts }) => counts !== undefined)
  const moves = nodes.some(({ counts }) => counts !== undefined && 'written' in counts)
  if (nodes.length === 0) return null
  const outcome: Column<NodeProgress> = {
    header: 'State',
    cell: ({ outcome, counts }) =>
      over && outcome === 'working' ? (
        <Badge text="stopped" color="darkgrey" />
      ) : outcome === 'skipped' && Object.values(counts ?? {}).some((count) => count > 0) ? (
        <Badge text="left off" color="darkgrey" />
      ) : (
        <Badge text={OUTCOMES[outcome].text} color={OUTCOMES[outcome].color} />
      ),
  }
  const lost = nodes.some(({ counts }) => counts?.unknown) ? [counted('Not known', 'unknown')] : []
  const notes = nodes.some(({ note }) => note !== '') ? [note] : []
  return (
    <Stack direction="column" gap={2}>
      <DataTable
        label={moves ? 'Read from' : 'Nodes'}
        rows={sources}
        rowKey={({ node }) => node}
        columns={[
          { header: moves ? 'Read from' : 'Node', cell: ({ node }) => node },
          outcome,
          ...(counting
            ? [
                { header: 'Progress', cell: (row: NodeProgress) => <NodeMeter {...row} /> },
                ...(moves ? MOVED : [...EVICTED, ...lost]),
              ]
            : []),
          ...notes,
        ]}
      />
      {targets.length > 0 && (
        <DataTable
          label="Written to"
          rows={targets}
          rowKey={({ node }) => node}
          columns={[
            { header: 'Written to', cell: ({ node }) => node },
            { header: 'Shard', cell: ({ shard }) => short(shard ?? '') },
            outcome,
            counted('Written', 'written'),
            counted('Already there', 'existing'),
            counted('Data', 'bytes', bytes),
            ...notes,
          ]}
        />
      )}
    </Stack>
  )
}

function NodeMeter({ node, outcome, done = 0, total }: NodeProgress) {
  // It has nothing to go through: no keys, or it is no primary any more.
  if (total === 0) return <>–</>
  if (outcome === 'done')
    return <Meter progress label={`Progress of ${node}`} share={1} tone="good" text={`all ${count(done)}`} />
  if (total === undefined) return <>{count(done)}</>
  const share = Math.min(1, done / total)
  return (
    <Meter
      progress
      label={`Progress of ${node}`}
      share={share}
      text={`${count(done)} of ${count(total)} (${percent(share)})`}
    />
  )
}
