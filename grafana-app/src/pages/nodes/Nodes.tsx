import { EmptyState, FilterInput, RadioButtonGroup } from '@grafana/ui'
import { useTopology } from '../../api/hooks'
import type { Topology } from '../../api/contract'
import { Filters } from '../../components/Filters'
import { Loaded } from '../../components/states/Loaded'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'
import { Time } from '../../components/Time'
import { useUrlState } from '../../components/useUrlState'
import { counted } from '../../features/operations/text'
import { useFacts } from '../../features/topology/useFacts'
import { FIGURES } from './figures'
import { NodesTable } from './NodesTable'
import { choose, isShown, rowsOf, SHOWN, worstFirst, type Shown } from './rows'

/** Which node is not like the others? */
export function Nodes({ cluster }: { readonly cluster: string }) {
  return (
    <Loaded query={useTopology(cluster)} what="the nodes">
      {(topology) => <All topology={topology} />}
    </Loaded>
  )
}

const OPTIONS = Object.entries(SHOWN).map(([value, label]) => ({ value: value as Shown, label }))

function All({ topology }: { readonly topology: Topology }) {
  const { cluster, readAt } = topology
  const [text, setText] = useUrlState('q')
  const [given, setShown] = useUrlState('show', 'all')
  const shown = isShown(given) ? given : 'all'
  const { data, error } = useFacts(cluster, FIGURES)
  const rows = rowsOf(topology, error ? undefined : data)
  const chosen = choose(rows, shown, text).toSorted(worstFirst)
  if (rows.length === 0) return <EmptyState variant="not-found" message="No node is known" />
  return (
    <>
      <Filters label="Filter the nodes">
        <FilterInput
          aria-label="Name, shard or zone of nodes"
          placeholder="Name, shard or zone"
          value={text}
          onChange={setText}
          width={30}
        />
        <RadioButtonGroup aria-label="Which nodes" options={OPTIONS} value={shown} onChange={setShown} />
        <span>
          {counted(chosen.length, 'node')} of {rows.length}, read <Time at={readAt} short />
        </span>
      </Filters>
      <PrometheusTrouble error={error} missing="Figures of the nodes" />
      {chosen.length > 0 ? (
        <NodesTable cluster={cluster} rows={chosen} waiting={!data && !error} />
      ) : shown === 'trouble' && text === '' ? (
        <EmptyState variant="completed" message="No node is in trouble">
          {data && !error
            ? 'All answer, all links are up, and none is unlike its peers.'
            : 'All answer, and all links are up. Whether one is unlike its peers is not known.'}
        </EmptyState>
      ) : (
        <EmptyState variant="not-found" message="No node matches" />
      )}
    </>
  )
}
