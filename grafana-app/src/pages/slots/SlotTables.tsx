import { Badge, EmptyState, TextLink, useTheme2 } from '@grafana/ui'
import { paths } from '../../app/paths'
import { useSort } from '../../components/useSort'
import { DataTable } from '../../features/operations/DataTable'
import { count, percent } from '../../features/operations/text'
import { colorOfShard } from './colors'
import { HEATS, hottest, type HeatName } from './heat'
import { rangeAt, sizeOf, type Range } from './ranges'

interface Props {
  readonly cluster: string
  readonly ranges: readonly Range[]
}

/** The map as a table: who owns which slots; those that are not served first. */
export function RangesTable({ cluster, ranges }: Props) {
  const sort = useSort('')
  const lostFirst = ranges.toSorted(
    (a, b) => Number(a.owner?.served === true) - Number(b.owner?.served === true),
  )
  return (
    <DataTable
      label="Who owns which slots"
      rows={lostFirst}
      rowKey={({ from }) => String(from)}
      sort={sort}
      maxHeight={640}
      columns={[
        { header: 'From', numeric: true, value: ({ from }) => from, cell: ({ from }) => from },
        { header: 'To', numeric: true, value: ({ to }) => to, cell: ({ to }) => to },
        { header: 'Slots', numeric: true, value: sizeOf, cell: (range) => count(sizeOf(range)) },
        {
          header: 'Shard',
          value: ({ owner }) => owner?.number,
          cell: ({ owner }) =>
            owner ? (
              <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8 }}>
                <Swatch number={owner.number} />
                <TextLink href={paths.shard(cluster, owner.shard.id)} color="primary" inline={false}>
                  {String(owner.number)}
                </TextLink>
              </span>
            ) : (
              'nobody’s'
            ),
        },
        {
          header: 'Primary',
          value: ({ owner }) => owner?.primary?.instance,
          cell: ({ owner }) => (
            <>
              {owner?.primary && (
                <TextLink href={paths.node(cluster, owner.primary.instance)} inline={false}>
                  {owner.primary.instance}
                </TextLink>
              )}{' '}
              {owner?.served !== true && <Badge color="red" icon="exclamation-circle" text="Not served" />}
            </>
          ),
        },
      ]}
    />
  )
}

/** The colour that the shard has on the map. */
function Swatch({ number }: { readonly number: number }) {
  const background = colorOfShard(useTheme2(), number)
  return <span aria-hidden style={{ width: 12, height: 12, background }} />
}

const SHOWN = 20

/** The slots with the largest values. */
export function HottestTable({
  cluster,
  ranges,
  kind,
  heat,
}: Props & { readonly kind: HeatName; readonly heat: Float64Array }) {
  const rows = hottest(heat, SHOWN)
  if (rows.length === 0) return <EmptyState variant="not-found" hideImage message="No slot has a figure" />
  return (
    <DataTable
      label="Hottest slots"
      rows={rows}
      rowKey={({ slot }) => String(slot)}
      columns={[
        { header: 'Slot', numeric: true, cell: ({ slot }) => slot },
        { header: HEATS[kind].text, numeric: true, cell: ({ value }) => HEATS[kind].say(value) },
        { header: 'Of what is known', numeric: true, cell: ({ share }) => percent(share) },
        {
          header: 'Primary',
          cell: ({ slot }) => {
            const primary = rangeAt(ranges, slot)?.owner?.primary
            return primary ? (
              <TextLink href={paths.node(cluster, primary.instance)} inline={false}>
                {primary.instance}
              </TextLink>
            ) : (
              'nobody’s'
            )
          },
        },
      ]}
      maxHeight={320}
    />
  )
}
