import { TextLink } from '@grafana/ui'
import { paths } from '../../app/paths'
import { DataTable } from '../../features/operations/DataTable'
import { count, counted } from '../../features/operations/text'
import { slotCount } from '../../features/topology/slots'
import type { Move } from './moves'

/** Of the ranges of one move: a resharding moves slots one by one, and hundreds are no news. */
const SHOWN = 20

interface Props {
  readonly cluster: string
  readonly moves: readonly Move[]
  /** Puts the map's mark on a slot. */
  readonly onSlot: (slot: number) => void
}

/** Which slots are on their way, from where to where. */
export function MovesTable({ cluster, moves, onSlot }: Props) {
  return (
    <>
      <DataTable
        label="Slots on their way"
        rows={moves}
        rowKey={({ from, to }) => `${from} ${to}`}
        columns={[
          { header: 'Slots', numeric: true, cell: ({ slots }) => count(slotCount(slots)) },
          {
            header: 'Which',
            cell: ({ slots }) => (
              <div style={{ minWidth: 160, maxWidth: 420 }}>
                {slots.slice(0, SHOWN).map(([from, to], index) => (
                  <span key={from}>
                    {index > 0 && ', '}
                    <Slots from={from} to={to} onSlot={onSlot} />
                  </span>
                ))}
                {slots.length > SHOWN && ` and ${counted(slots.length - SHOWN, 'more range')}`}
              </div>
            ),
          },
          { header: 'From', cell: ({ from }) => <Node cluster={cluster} instance={from} /> },
          { header: 'To', cell: ({ to }) => <Node cluster={cluster} instance={to} /> },
        ]}
      />
      <p>
        If nobody is resharding now, a move was broken off: <code>redis-cli --cluster fix</code> finishes it.
        An atomic migration of Valkey 9 is not told by CLUSTER NODES.
      </p>
    </>
  )
}

function Slots({ from, to, onSlot }: { from: number; to: number; onSlot: Props['onSlot'] }) {
  const text = from === to ? String(from) : `${from}-${to}`
  return (
    <button
      type="button"
      aria-label={`Show slot ${from} on the map`}
      title="Show it on the map"
      style={{ padding: 0, border: 0, background: 'none', color: 'inherit', textDecoration: 'underline' }}
      onClick={() => onSlot(from)}
    >
      {text}
    </button>
  )
}

function Node({ cluster, instance }: { readonly cluster: string; readonly instance: string }) {
  return (
    <TextLink href={paths.node(cluster, instance)} inline={false}>
      {instance}
    </TextLink>
  )
}
