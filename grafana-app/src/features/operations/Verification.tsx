import { Alert, Stack } from '@grafana/ui'
import type { Comparison, Operation } from '../../api/contract'
import { Figures } from '../../components/Figure'
import { DataTable } from './DataTable'
import { Heading } from './Heading'
import type { ComparedWords } from './kind'
import { visible } from './keyText'
import { Lines } from './Lines'
import { MEASURED } from './states'
import { bytes, count, counted, difference } from './text'

const WITH_SOURCE: ComparedWords = {
  title: 'Comparison with the source',
  none: 'No key was compared with the source',
  right: (checked, gone) =>
    gone === 0
      ? `All ${counted(checked, 'key')} that were compared are as in the source`
      : gone < checked
        ? `All ${counted(checked - gone, 'key')} that the source still has are as there, of ${count(checked)} compared`
        : `None of the ${counted(checked, 'key')} chosen is in the source any more, so nothing was compared`,
  wrong: (wrong, checked) =>
    `${counted(wrong, 'key')} of ${count(checked)} compared ${wrong === 1 ? 'is' : 'are'} not as in the source`,
  labels: {
    checked: 'Compared',
    same: 'Same',
    different: 'Different',
    missing: 'Missing',
    gone: 'Gone from the source meanwhile',
  },
}

interface Props {
  readonly operation: Operation
  readonly words?: ComparedWords | undefined
}

/** The proof: what was compared at the end, and the target before and after. */
export function Verification({ operation, words = WITH_SOURCE }: Props) {
  const { comparison, before, after } = operation
  if (!comparison && !after) return null
  return (
    <Stack direction="column" gap={2}>
      {comparison && <Compared comparison={comparison} words={words} />}
      {before && after && <BeforeAfter before={before} after={after} />}
    </Stack>
  )
}

function Compared({ comparison, words }: { readonly comparison: Comparison; readonly words: ComparedWords }) {
  const { checked, different, missing, gone, examples } = comparison
  const wrong = different + missing
  return (
    <section aria-label={words.title}>
      <Alert
        severity={wrong > 0 ? 'error' : checked === 0 ? 'info' : 'success'}
        title={
          checked === 0 ? words.none : wrong > 0 ? words.wrong(wrong, checked) : words.right(checked, gone)
        }
      >
        <Figures
          items={Object.entries(words.labels).map(([name, label]) => ({
            label,
            children: count(comparison[name as keyof ComparedWords['labels']]),
          }))}
        />
        {examples.length > 0 && <Lines label="Examples" lines={examples.map(visible)} />}
      </Alert>
    </section>
  )
}

type Values = NonNullable<Operation['before']>

function BeforeAfter({ before, after }: { readonly before: Values; readonly after: Values }) {
  const known = Object.keys(MEASURED)
  const all = Object.keys({ ...before, ...after })
  const rows = [...known.filter((name) => all.includes(name)), ...all.filter((name) => !known.includes(name))]
  const sayOf = (name: string) => (name.endsWith('Bytes') ? bytes : count)
  return (
    <section aria-label="Before and after">
      <Stack direction="column" gap={1}>
        <Heading>Before and after</Heading>
        <DataTable
          label="The cluster before and after"
          rows={rows}
          rowKey={(name) => name}
          columns={[
            { header: 'Of all primaries', cell: (name) => MEASURED[name] ?? name },
            { header: 'Before', cell: (name) => say(before[name], sayOf(name)), numeric: true },
            { header: 'After', cell: (name) => say(after[name], sayOf(name)), numeric: true },
            {
              header: 'Change',
              cell: (name) =>
                before[name] === undefined || after[name] === undefined
                  ? ''
                  : difference(before[name], after[name], sayOf(name)),
              numeric: true,
            },
          ]}
        />
        <Meanwhile before={before} after={after} />
      </Stack>
    </section>
  )
}

const say = (value: number | undefined, by: (value: number) => string) =>
  value === undefined ? 'not known' : by(value)

function Meanwhile({ before, after }: { readonly before: Values; readonly after: Values }) {
  // A node that restarted counts from 0 again: then nothing can be said.
  const evicted = (after.evictedKeys ?? NaN) - (before.evictedKeys ?? NaN)
  return (
    <div>
      {evicted > 0 && `${counted(evicted, 'key was', 'keys were')} evicted meanwhile by the nodes’ policy.`}
      {evicted === 0 && 'The nodes’ policy evicted nothing meanwhile.'}
      {'keyspaceHits' in after &&
        ' Redis counts the lookups of the run itself among hits and misses: what clients find shows in the hit ratio after the end.'}
    </div>
  )
}
