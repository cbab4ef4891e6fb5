import { Badge, EmptyState } from '@grafana/ui'
import { Loaded } from '../../components/states/Loaded'
import { Section } from '../../components/Section'
import { DataTable, type Column } from '../../features/operations/DataTable'
import { isGone } from '../../features/topology/causes'
import type { Fact } from '../../features/topology/fact'
import { factsOf, PARTS, type PartName } from '../../features/topology/facts'
import type { Placed } from '../../features/topology/nodes'
import { comparing, type Beside } from '../../features/topology/peers'
import { useFacts } from '../../features/topology/useFacts'

interface Props {
  readonly part: PartName
  readonly cluster: string
  readonly own: Placed
  /** Instances. */
  readonly peers: readonly string[]
}

type Row = Fact & Beside & { readonly name: string }

/** The figures of a part, beside those of the node's peers. */
export function Facts({ part, cluster, own: { node }, peers }: Props) {
  const facts = factsOf(part)
  const query = useFacts(cluster, facts)
  const others = node.role === 'primary' ? 'Other primaries' : 'Other replicas'
  return (
    <Section title={`${PARTS[part].title} now`}>
      <Loaded query={query} what="the figures of the node from Prometheus">
        {(data) => {
          const beside = comparing(facts, data, [node.instance, ...peers])(node.instance)
          const rows = Object.entries(facts)
            .map(([name, fact]): Row => ({ name, ...fact, ...beside[name]! }))
            // One that is gone has rates for minutes, of when it was there.
            .filter(({ own }) => own !== undefined && !isGone(node))
          if (rows.length === 0)
            return (
              <EmptyState variant="not-found" hideImage message="Prometheus has no figures of this node now">
                It is scraped only while it answers; the charts show what was before.
              </EmptyState>
            )
          return (
            <DataTable
              label={`${PARTS[part].title} of ${node.instance}`}
              rows={rows}
              rowKey={({ name }) => name}
              columns={[
                {
                  header: 'Figure',
                  cell: ({ label }) => <span style={{ whiteSpace: 'nowrap' }}>{label}</span>,
                },
                { header: 'This node', cell: ({ say, own }) => say(own!), numeric: true },
                {
                  header: others,
                  cell: ({ say, peers }) => (peers ? `${say(peers.median)} (median)` : '–'),
                  numeric: true,
                },
                {
                  header: 'From – to',
                  cell: ({ say, peers }) => (peers ? span(say(peers.low), say(peers.high)) : '–'),
                  numeric: true,
                },
                ...(rows.some(isJudged) ? [JUDGED] : []),
                { header: 'What it is', cell: ({ about }) => <div style={{ minWidth: 220 }}>{about}</div> },
              ]}
              maxHeight={800}
            />
          )
        }}
      </Loaded>
    </Section>
  )
}

const span = (low: string, high: string) => (low === high ? low : `${low} – ${high}`)

const isWrong = ({ own, wrong }: Row) => wrong?.[0](own!) === true
const isJudged = (row: Row) => isWrong(row) || row.times !== undefined

const JUDGED: Column<Row> = {
  header: 'Judged',
  cell: (row) => {
    if (isWrong(row)) return <Badge color="red" icon="exclamation-circle" text="wrong" />
    if (row.times === undefined) return null
    return <Badge color="orange" icon={row.times > 1 ? 'arrow-up' : 'arrow-down'} text="unlike its peers" />
  },
}
