import { EmptyState, FilterInput, LinkButton, RadioButtonGroup } from '@grafana/ui'
import { paths } from '../../app/paths'
import { useOperations } from '../../api/hooks'
import { useStreamState } from '../../api/useEventStream'
import { Filters } from '../../components/Filters'
import { LiveState } from '../../components/LiveState'
import { Loaded } from '../../components/states/Loaded'
import { useUrlState } from '../../components/useUrlState'
import { choose, isWhich, WHICH, type Which } from './filter'
import { OperationsTable } from './OperationsTable'
import { Page } from '../../features/operations/Page'

const MOST = 500
const WHICH_OPTIONS = Object.entries(WHICH).map(([value, { text }]) => ({
  value: value as Which,
  label: text,
}))

/** Who did what, did it work? */
export function Operations() {
  const [text, setText] = useUrlState('q')
  const [which, setWhich] = useUrlState('which', 'all')
  const chosen = isWhich(which) ? which : 'all'
  return (
    <Page subTitle="Who did what, and did it work?">
      <Filters label="Filter the operations">
        <FilterInput
          aria-label="Text in operations"
          placeholder="Cluster, kind, person, reason"
          value={text}
          onChange={setText}
          width={34}
        />
        <RadioButtonGroup aria-label="Which" options={WHICH_OPTIONS} value={chosen} onChange={setWhich} />
        <LiveState state={useStreamState()} />
      </Filters>
      <Loaded query={useOperations({ limit: MOST })} what="the operations">
        {(operations) => {
          if (operations.length === 0) return <NoOperations />
          const shown = choose(operations, { which: chosen, text })
          if (shown.length === 0) return <EmptyState variant="not-found" message="No operation matches" />
          return (
            <>
              <OperationsTable operations={shown} />
              {operations.length === MOST && <p>The newest {MOST} operations are looked through.</p>}
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

function NoOperations() {
  return (
    <EmptyState
      variant="call-to-action"
      message="Nothing was run so far"
      button={<LinkButton href={paths.clusters}>Choose a cluster</LinkButton>}
    >
      Warm up a cluster, or change how it evicts: every run is listed here with who began it, why, and how it
      ended.
    </EmptyState>
  )
}
