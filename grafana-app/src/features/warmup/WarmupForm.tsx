import { Alert, Combobox, Field, LoadingPlaceholder, Stack, TextLink } from '@grafana/ui'
import { useId, useMemo, useState } from 'react'
import { useWarmupSources } from '../../api/hooks'
import { paths } from '../../app/paths'
import { TroubleAlert } from '../../components/states/TroubleAlert'
import { FoldedFields } from '../operations/FoldedFields'
import type { SpecFormProps } from '../operations/kind'
import { PlanForm } from '../operations/PlanForm'
import { Lines } from '../operations/Lines'
import { isRate } from '../operations/rate'
import { RateFieldset } from '../operations/RateFieldset'
import { AdvancedFields } from './AdvancedFields'
import { SelectFields } from './SelectFields'
import { sourceOptions } from './sources'
import { draftOf, errorsOf, specOf, STANDARD, type Draft } from './spec'

/** What to copy into a cluster. The shortest way is to choose a source: everything else has a default. */
export function WarmupForm({ cluster, initial, onPlan, pending, forbidden }: SpecFormProps) {
  const id = useId()
  const { data, error } = useWarmupSources(cluster)
  const options = useMemo(() => (data ? sourceOptions(data) : []), [data])
  const [draft, setDraft] = useState(() => draftOf(initial))
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const errors = errorsOf(draft)
  const chosen = options.find(({ value }) => value === draft.source)
  const wrong = Object.keys(errors).length > 0
  const fields = { draft, errors, set }

  if (!data)
    return error ? <TroubleAlert error={error} /> : <LoadingPlaceholder text="Reading the sources…" />
  if (options.length === 0) return <NoSource />
  return (
    <PlanForm
      label="Warmup"
      forbidden={forbidden}
      pending={pending}
      missing={
        chosen === undefined
          ? 'Choose where to copy from first.'
          : wrong || !isRate(draft.rate)
            ? 'Mend what is marked first.'
            : ''
      }
      onPlan={() => chosen && onPlan(specOf(draft, chosen.source))}
    >
      <Field
        noMargin
        label="Copy from"
        style={{ maxWidth: 480 }}
        htmlFor={`${id}source`}
        description={chosen?.description ?? 'It is only read. Planning touches nothing on either side.'}
      >
        <Combobox
          id={`${id}source`}
          options={options.map(({ value, label, description, group }) => ({
            value,
            label,
            description,
            group,
          }))}
          value={chosen ? draft.source : null}
          placeholder="Choose a source"
          onChange={({ value }) => set({ source: value })}
        />
      </Field>
      <RateFieldset value={draft.rate} onChange={(rate) => set({ rate })} />
      <FoldedFields
        label="Which keys, TTLs, limits, and more"
        startsOpen={initial !== undefined && differs(draftOf(initial))}
        wrong={wrong}
      >
        <Stack direction="column" gap={2}>
          <SelectFields {...fields} />
          <AdvancedFields {...fields} />
        </Stack>
      </FoldedFields>
    </PlanForm>
  )
}

/** Whether anything in the folded part is not as it is by default. */
function differs(draft: Draft): boolean {
  const same = { ...draft, source: STANDARD.source, rate: STANDARD.rate }
  return JSON.stringify(same) !== JSON.stringify(STANDARD)
}

function NoSource() {
  return (
    <Alert severity="info" title="There is nothing to copy from yet">
      <p>Slotwise copies only from what its configuration names. In slotwise.yml, give it one of these:</p>
      <Lines
        lines={[
          <>
            another cluster under <code>clusters</code>, which it then watches, too
          </>,
          <>
            a cluster or a single node under <code>warmup.sources</code>: a name and its <code>seeds</code>
          </>,
          <>
            a folder, <code>warmup.dir</code>, with JSON Lines files: a key, its type, value and ttl a line
          </>,
        ]}
      />
      <p>
        The plugin’s token must be allowed to see the source, too:{' '}
        <TextLink href={paths.configuration}>configuration</TextLink>.
      </p>
    </Alert>
  )
}
