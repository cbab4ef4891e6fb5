import { Checkbox, Field, RadioButtonGroup, Stack } from '@grafana/ui'
import { useState } from 'react'
import { useEviction } from '../../api/hooks'
import { KeysField, NumberField } from '../operations/DraftFields'
import { FoldedFields } from '../operations/FoldedFields'
import type { SpecFormProps } from '../operations/kind'
import { PlanForm } from '../operations/PlanForm'
import { RateFieldset } from '../operations/RateFieldset'
import { TypesField } from '../operations/TypesField'
import { draftOf, errorsOf, isComplete, isEverything, specOf, type Draft } from './spec'

const COUNTS = [
  { value: 'sample' as const, label: 'From a sample', description: 'Seconds; with bounds of how sure it is' },
  { value: 'full' as const, label: 'Look at every key', description: 'Exact; takes longer on many keys' },
]

/** Which keys go. Every criterion that is given has to be met. */
export function EvictKeysForm({ cluster, initial, onPlan, pending, forbidden }: SpecFormProps) {
  const policy = useEviction(cluster).data?.effective.policy
  const [draft, setDraft] = useState(() => draftOf(initial))
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const errors = errorsOf(draft)
  const fields = { draft, errors, set }
  const lfu = policy?.endsWith('-lfu')
  return (
    <PlanForm
      label="Keys to evict"
      forbidden={forbidden}
      pending={pending}
      missing={
        isComplete(draft)
          ? ''
          : draft.match === ''
            ? 'Give a pattern first; * is every key.'
            : 'Mend what is marked first.'
      }
      onPlan={() => onPlan(specOf(draft))}
    >
      <KeysField
        {...fields}
        name="match"
        label="Keys that match"
        description="A pattern as SCAN MATCH has it: session:*"
      />
      {isEverything(draft.match) && (
        <div>
          <Checkbox
            label="Every key may go (dangerous)"
            description="Unless another criterion leaves it out."
            value={draft.all}
            onChange={({ currentTarget }) => set({ all: currentTarget.checked })}
          />
        </div>
      )}
      <Stack wrap="wrap" gap={2}>
        {lfu !== true && (
          <NumberField
            {...fields}
            name="idleOver"
            label="Not touched for longer than"
            description="Idle time: 30d, 12h. Empty: any."
            placeholder="any"
          />
        )}
        {lfu !== false && (
          <NumberField
            {...fields}
            name="freqUnder"
            label="Frequency below"
            description="1 to 255; only where the policy is LFU."
            placeholder="any"
          />
        )}
        <NumberField
          {...fields}
          name="ttlUnder"
          label="Expires within"
          description="Less time to live than this: 15m. Empty: any."
          placeholder="any"
        />
        <NumberField
          {...fields}
          name="sizeOverKiB"
          label="Larger than"
          description="As MEMORY USAGE tells it. Empty: any."
          suffix="KiB"
          placeholder="any"
        />
        <TypesField value={draft.types} onChange={(types) => set({ types })} />
      </Stack>
      <div>
        <Checkbox
          label="Only keys that never expire"
          description="Those without a TTL."
          value={draft.noTtl}
          onChange={({ currentTarget }) => set({ noTtl: currentTarget.checked })}
        />
      </div>
      <RateFieldset value={draft.rate} onChange={(rate) => set({ rate })} />
      <FoldedFields
        label="Limits, counting, and proof"
        wrong={(errors.limitKeys ?? errors.limitMiB ?? errors.limitPercent ?? errors.sample) !== undefined}
      >
        <Stack direction="column" gap={2}>
          <Stack wrap="wrap" gap={2}>
            <NumberField
              {...fields}
              name="limitKeys"
              label="Never more than"
              description="It ends when so many keys are gone."
              suffix="keys"
              placeholder="all"
            />
            <NumberField
              {...fields}
              name="limitMiB"
              label="Never more memory than"
              description="It ends when so much is freed."
              suffix="MiB"
              placeholder="all"
            />
            <NumberField
              {...fields}
              name="limitPercent"
              label="Never a larger share than"
              description="Of the keys that the cluster has at the plan."
              suffix="%"
              placeholder="100"
            />
            <NumberField
              {...fields}
              name="sample"
              label="Look again at the end"
              description="At so many keys that are left out. 0: none."
              suffix="keys"
            />
          </Stack>
          <Field noMargin label="How the plan counts">
            <RadioButtonGroup
              aria-label="How the plan counts"
              options={COUNTS}
              value={draft.count}
              onChange={(count) => set({ count })}
            />
          </Field>
        </Stack>
      </FoldedFields>
    </PlanForm>
  )
}
