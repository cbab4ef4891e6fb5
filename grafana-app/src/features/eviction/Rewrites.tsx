import type { Plan } from '../../api/contract'
import { DataTable } from '../operations/DataTable'
import { Heading } from '../operations/Heading'
import { Lines } from '../operations/Lines'
import { counted } from '../operations/text'

type Settings = readonly (readonly [name: string, value: string])[]

/** `details.rewrites` of the plan: what each node has running, by parameter. */
function rewrites(
  details: Plan['details'],
): readonly { readonly node: string; readonly settings: Settings }[] {
  const given = details?.rewrites
  if (typeof given !== 'object' || given === null) return []
  return Object.entries(given).map(([node, settings]) => ({
    node,
    settings: Object.entries((settings ?? {}) as Record<string, unknown>).map(([name, value]) => [
      name,
      String(value),
    ]),
  }))
}

/** What CONFIG REWRITE would make permanent on each node, where it was asked for. */
export function Rewrites({ plan }: { readonly plan: Plan }) {
  const rows = rewrites(plan.details).filter(({ settings }) => settings.length > 0)
  if (rows.length === 0) return null
  return (
    <section aria-label="Configuration files">
      <Heading>What is written to the configuration files</Heading>
      <DataTable
        label="Settings that CONFIG REWRITE makes permanent"
        rows={rows}
        rowKey={({ node }) => node}
        columns={[
          { header: 'Node', cell: ({ node }) => node },
          {
            header: 'All its running settings',
            cell: ({ settings }) => (
              <details>
                <summary>{counted(settings.length, 'setting')}</summary>
                <Lines lines={settings.map(([name, value]) => `${name} ${value === '' ? '""' : value}`)} />
              </details>
            ),
          },
        ]}
      />
    </section>
  )
}
