import { EmptyState, FilterInput, Icon, InlineSwitch } from '@grafana/ui'
import type { Topology } from '../../api/contract'
import { useTopology } from '../../api/hooks'
import { Figures } from '../../components/Figure'
import { Filters } from '../../components/Filters'
import { Loaded } from '../../components/states/Loaded'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'
import { Time } from '../../components/Time'
import { useUrlState } from '../../components/useUrlState'
import { counted } from '../../features/operations/text'
import { useFacts } from '../../features/topology/useFacts'
import { FIGURES } from './figures'
import { choose, redundancy, rowsOf, skewsOf, worstFirst, type ShardRow } from './rows'
import { ShardsTable } from './ShardsTable'

/** Does every shard stand a failure, and is the load spread? */
export function Shards({ cluster }: { readonly cluster: string }) {
  return (
    <Loaded query={useTopology(cluster)} what="the shards">
      {(topology) => <All topology={topology} />}
    </Loaded>
  )
}

function All({ topology: { cluster, shards, readAt } }: { readonly topology: Topology }) {
  const [text, setText] = useUrlState('q')
  const [show, setShow] = useUrlState('show')
  const [marked] = useUrlState('shard')
  const trouble = show === 'trouble'
  const { data, error } = useFacts(cluster, FIGURES)
  const rows = rowsOf(shards, error ? undefined : data)
  const chosen = choose(rows, trouble, text).toSorted(worstFirst)
  if (rows.length === 0) return <EmptyState variant="not-found" message="No shard is known" />
  return (
    <>
      <Judgement rows={rows} />
      <Filters label="Filter the shards">
        <FilterInput
          aria-label="Shard, node, zone or slot"
          placeholder="Shard, node, zone or slot"
          value={text}
          onChange={setText}
          width={30}
        />
        <InlineSwitch
          label="Only trouble"
          showLabel
          value={trouble}
          onChange={() => setShow(trouble ? '' : 'trouble')}
        />
        <span>
          {counted(chosen.length, 'shard')} of {rows.length}, read <Time at={readAt} short />
        </span>
      </Filters>
      <PrometheusTrouble error={error} missing="Figures of the shards" />
      {chosen.length > 0 ? (
        <ShardsTable cluster={cluster} rows={chosen} marked={marked} waiting={!data && !error} />
      ) : trouble && text === '' ? (
        <EmptyState variant="completed" message="No shard is in trouble">
          Each is served and has a replica that is well.
        </EmptyState>
      ) : (
        <EmptyState variant="not-found" message="No shard matches" />
      )}
    </>
  )
}

/** Redundancy and skew, before the shards themselves. */
function Judgement({ rows }: { readonly rows: readonly ShardRow[] }) {
  const said = redundancy(rows)
  const skews = skewsOf(rows)
  return (
    <div style={{ marginBottom: 16 }}>
      <p>
        <Icon
          name={said.startsWith('Every') ? 'check-circle' : 'exclamation-triangle'}
          size="sm"
          aria-hidden
        />{' '}
        {said}
      </p>
      {skews.length > 0 && (
        <Figures
          items={skews.map(({ label, times, most }) => ({
            label: `Skew of ${label.toLowerCase()}`,
            children: times < 1.05 ? 'even' : `${Number(times.toPrecision(3))} times the median`,
            ...(times >= 1.05 && { hint: `most in shard ${most}` }),
          }))}
        />
      )}
    </div>
  )
}
