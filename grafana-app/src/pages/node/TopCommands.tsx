import { EmptyState } from '@grafana/ui'
import { Section } from '../../components/Section'
import { Loaded } from '../../components/states/Loaded'
import { DataTable, type Column } from '../../features/operations/DataTable'
import { count, percent } from '../../features/operations/text'
import { brief } from '../../features/topology/fact'
import * as commands from '../../queries/commands'
import type { Sample } from '../../queries/prometheus'
import { ofInstances } from '../../queries/selector'
import { usePrometheus } from '../../queries/usePrometheus'

interface Row {
  readonly cmd: string
  /** Seconds a second. */
  readonly busy: number
  readonly calls: number
  readonly failed: number
  /** Seconds; since the start of the node. */
  readonly slowest: number | undefined
}

const perSecond = (value: number) => `${value < 10 ? Number(value.toPrecision(2)) : count(value)}/s`

const COLUMNS: readonly Column<Row>[] = [
  { header: 'Command', cell: ({ cmd }) => <code>{cmd.replace('|', ' ').toUpperCase()}</code> },
  { header: 'Share of its time', cell: ({ busy }) => percent(busy), numeric: true },
  { header: 'Calls', cell: ({ calls }) => perSecond(calls), numeric: true },
  {
    header: 'Time a call',
    cell: ({ busy, calls }) => (calls > 0 ? brief(busy / calls) : '–'),
    numeric: true,
  },
  {
    header: '99 of 100 below',
    cell: ({ slowest }) => (slowest === undefined ? '–' : brief(slowest)),
    numeric: true,
  },
  { header: 'Failed', cell: ({ failed }) => (failed === 0 ? '–' : perSecond(failed)), numeric: true },
]

/** The commands that keep the node busy, over the last five minutes. */
export function TopCommands({ cluster, instance }: { readonly cluster: string; readonly instance: string }) {
  const of = ofInstances(cluster, [instance])
  const query = usePrometheus({
    busiest: commands.busiest(of),
    calls: commands.calls(of),
    slowest: commands.slowest(of),
    failed: commands.failed(of),
  })
  return (
    <Section title="What keeps it busy">
      <Loaded query={query} what="the commands of the node from Prometheus" quiet brief>
        {({ busiest, calls, slowest, failed }) => {
          const value = (samples: readonly Sample[], cmd: string | undefined) =>
            samples.find(({ labels }) => labels.cmd === cmd)?.value
          const rows = busiest.map(({ labels: { cmd = '' }, value: busy }): Row => {
            const micros = value(slowest, cmd)
            return {
              cmd,
              busy,
              calls: value(calls, cmd) ?? 0,
              failed: value(failed, cmd) ?? 0,
              slowest: micros === undefined ? undefined : micros / 1e6,
            }
          })
          if (rows.length === 0)
            return <EmptyState variant="not-found" hideImage message="No command in the last five minutes" />
          return (
            <DataTable
              label={`Commands of ${instance}`}
              columns={COLUMNS}
              rows={rows.toSorted((a, b) => b.busy - a.busy)}
              rowKey={({ cmd }) => cmd}
            />
          )
        }}
      </Loaded>
    </Section>
  )
}
