import { Badge, LinkButton } from '@grafana/ui'
import { paths } from '../../app/paths'
import type { Eviction, Field } from '../../api/contract'
import { useEviction } from '../../api/hooks'
import { Section } from '../../components/Section'
import { Loaded } from '../../components/states/Loaded'
import { sayAny } from '../../features/eviction/limits'
import { FIELDS, PARAMETERS } from '../../features/eviction/parameters'
import { DataTable } from '../../features/operations/DataTable'
import { withoutName } from '../../features/topology/causes'

interface Props {
  readonly cluster: string
  readonly instance: string
}

/** How it is configured beside the other nodes, and what a restart would lose. */
export function Configuration({ cluster, instance }: Props) {
  return (
    <Section
      title="Configuration beside the other nodes"
      actions={
        <LinkButton href={paths.cluster(cluster, 'evict')} variant="secondary" size="sm" icon="filter-minus">
          Set them alike
        </LinkButton>
      }
    >
      <Loaded query={useEviction(cluster)} what="the configuration of every node">
        {(eviction) => <Values eviction={eviction} instance={instance} />}
      </Loaded>
    </Section>
  )
}

interface Row {
  readonly field: Field
  readonly own: string | undefined
  readonly others: string
  readonly differs: boolean
  readonly lost: boolean
}

function Values({ eviction, instance }: { readonly eviction: Eviction; readonly instance: string }) {
  const own = eviction.nodes.find((node) => node.instance === instance)
  if (!own) return <p>It was not read lately.</p>
  if (own.error !== undefined)
    return (
      <p>
        Its configuration could not be read: {withoutName(own.error, instance)}.
        {own.todo !== undefined && ` What to do: ${own.todo}.`}
      </p>
    )
  return (
    <DataTable
      label={`Configuration of ${instance}`}
      rows={rowsOf(eviction, own)}
      rowKey={({ field }) => field}
      columns={[
        { header: 'Parameter', cell: ({ field }) => <code>{PARAMETERS[field]}</code> },
        { header: 'This node', cell: ({ own }) => own ?? 'not known' },
        { header: 'The others', cell: ({ others }) => others },
        {
          header: 'Judged',
          cell: ({ differs, lost }) => (
            <>
              {differs && <Badge color="orange" icon="exclamation-triangle" text="differs" />}{' '}
              {lost && <Badge color="orange" icon="exclamation-triangle" text="a restart loses it" />}
            </>
          ),
        },
      ]}
      maxHeight={800}
    />
  )
}

/** A row a parameter that the node or the others have; those that differ first. */
export function rowsOf(
  { nodes, drift, unpersisted }: Eviction,
  own: Eviction['nodes'][number],
): readonly Row[] {
  const rows = FIELDS.flatMap((field): Row[] => {
    const say = (value: string | number | boolean | undefined) =>
      value === undefined ? undefined : sayAny(PARAMETERS[field], value)
    const values = drift.find(({ parameter }) => parameter === field)?.values
    const others = values
      ? values
          .map(({ value, nodes }) => ({ value, nodes: nodes.filter((name) => name !== own.instance) }))
          .filter(({ nodes }) => nodes.length > 0)
          .toSorted((a, b) => b.nodes.length - a.nodes.length)
          .map(
            ({ value, nodes }) =>
              `${say(value)!} on ${nodes.length <= 2 ? nodes.join(', ') : `${nodes.length} nodes`}`,
          )
          .join('; ')
      : say(nodes.find((node) => node.id !== own.id && node[field] !== undefined)?.[field])
    if (own[field] === undefined && others === undefined) return []
    return [
      {
        field,
        own: say(own[field]),
        others: others ?? '–',
        differs: values !== undefined,
        lost: unpersisted.some((one) => one.parameter === field && one.nodes.includes(own.instance)),
      },
    ]
  })
  return rows.toSorted((a, b) => Number(b.differs) - Number(a.differs))
}
