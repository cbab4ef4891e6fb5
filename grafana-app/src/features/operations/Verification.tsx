import { Alert, Stack } from '@grafana/ui'
import type { Comparison, Operation } from '../../api/contract'
import { Figures } from '../../components/Figure'
import { DataTable } from './DataTable'
import { visible } from './keyText'
import { MEASURED } from './states'
import { bytes, count, counted, difference, percent } from './text'

/** The proof: what a comparison with the source found, and the target before and after. */
export function Verification({ operation }: { readonly operation: Operation }) {
  const { comparison, before, after } = operation
  if (!comparison && !before) return null
  return (
    <Stack direction="column" gap={2}>
      {comparison && <Compared comparison={comparison} />}
      {before && <BeforeAfter before={before} after={after} />}
    </Stack>
  )
}

function Compared({ comparison }: { readonly comparison: Comparison }) {
  const { checked, same, different, missing, gone, examples } = comparison
  const wrong = different + missing
  return (
    <section aria-label="Comparison with the source">
      <Alert
        severity={wrong > 0 ? 'error' : checked === 0 ? 'info' : 'success'}
        title={
          checked === 0
            ? 'No key was compared with the source'
            : wrong > 0
              ? `${counted(wrong, 'key')} of ${count(checked)} compared are not as in the source`
              : `All ${counted(checked, 'key')} that were compared are as in the source`
        }
      >
        <Figures
          items={[
            { label: 'Compared', children: count(checked) },
            { label: 'Same', children: count(same) },
            { label: 'Different', children: count(different) },
            { label: 'Missing', children: count(missing) },
            { label: 'Gone from the source meanwhile', children: count(gone) },
          ]}
        />
        {examples.length > 0 && (
          <ul aria-label="Examples">
            {examples.map((example) => (
              <li key={example} style={{ overflowWrap: 'anywhere' }}>
                {visible(example)}
              </li>
            ))}
          </ul>
        )}
      </Alert>
    </section>
  )
}

type Values = NonNullable<Operation['before']>

function BeforeAfter({ before, after }: { readonly before: Values; readonly after: Values | undefined }) {
  const rows = Object.keys({ ...before, ...after }).filter((name) => name in MEASURED || name in before)
  const sayOf = (name: string) => (name.endsWith('Bytes') ? bytes : count)
  return (
    <section aria-label="Before and after">
      <h4>Before and after</h4>
      <Stack direction="column" gap={1}>
        <DataTable
          label="The cluster before and after"
          rows={rows}
          rowKey={(name) => name}
          columns={[
            { header: 'Of all primaries', cell: (name) => MEASURED[name] ?? name },
            { header: 'Before', cell: (name) => say(before[name], sayOf(name)), numeric: true },
            { header: 'After', cell: (name) => say(after?.[name], sayOf(name)), numeric: true },
            {
              header: 'Change',
              cell: (name) =>
                before[name] === undefined || after?.[name] === undefined
                  ? ''
                  : difference(before[name], after[name], sayOf(name)),
              numeric: true,
            },
          ]}
        />
        {after && <Meanwhile before={before} after={after} />}
      </Stack>
    </section>
  )
}

const say = (value: number | undefined, by: (value: number) => string) =>
  value === undefined ? 'not yet' : by(value)

function Meanwhile({ before, after }: { readonly before: Values; readonly after: Values }) {
  const evicted = (after.evictedKeys ?? 0) - (before.evictedKeys ?? 0)
  const hits = (after.keyspaceHits ?? 0) - (before.keyspaceHits ?? 0)
  const asked = hits + (after.keyspaceMisses ?? 0) - (before.keyspaceMisses ?? 0)
  return (
    <p>
      {evicted > 0
        ? `${counted(evicted, 'key was', 'keys were')} evicted meanwhile. `
        : 'Nothing was evicted meanwhile. '}
      {asked > 0 && `Meanwhile ${percent(hits / asked)} of ${counted(asked, 'lookup')} found their key.`}
    </p>
  )
}
