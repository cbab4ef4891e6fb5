import { Checkbox, Collapse, Field, Input, MultiCombobox, RadioButtonGroup, Stack } from '@grafana/ui'
import { useId, useState } from 'react'
import { useEviction } from '../../api/hooks'
import { ActionButton } from '../operations/ActionButton'
import type { SpecFormProps } from '../operations/kind'
import { NumberField } from '../operations/NumberField'
import { RateFields } from '../operations/RateFields'
import { draftOf, errorsOf, isComplete, isEverything, KEY_TYPES, specOf, type Draft } from './spec'

const types = KEY_TYPES.map((value) => ({ value, label: value }))
const COUNTS = [
  { value: 'sample' as const, label: 'From a sample', description: 'Seconds; with bounds of how sure it is' },
  { value: 'full' as const, label: 'Look at every key', description: 'Exact; takes longer on many keys' },
]

/** Which keys go. Every criterion that is given has to be met. */
export function EvictKeysForm({ cluster, initial, onPlan, pending, forbidden }: SpecFormProps) {
  const id = useId()
  const policy = useEviction(cluster).data?.effective.policy
  const [draft, setDraft] = useState(() => draftOf(initial))
  const [open, setOpen] = useState(false)
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const errors = errorsOf(draft)
  const complete = isComplete(draft)
  const lfu = policy?.endsWith('-lfu')
  return (
    <form
      aria-label="Keys to evict"
      onSubmit={(event) => {
        event.preventDefault()
        if (complete && forbidden === '') onPlan(specOf(draft))
      }}
    >
      <Stack direction="column" gap={2}>
        <Field
          noMargin
          label="Keys that match"
          style={{ maxWidth: 480 }}
          htmlFor={`${id}match`}
          description="A pattern as SCAN MATCH has it: session:*"
          invalid={errors.match !== undefined}
          error={errors.match}
        >
          <Input
            id={`${id}match`}
            spellCheck={false}
            autoComplete="off"
            value={draft.match}
            onChange={({ currentTarget }) => set({ match: currentTarget.value })}
          />
        </Field>
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
              label="Not touched for longer than"
              description="Idle time: 30d, 12h. Empty: any."
              placeholder="any"
              error={errors.idleOver}
              value={draft.idleOver}
              onChange={(idleOver) => set({ idleOver })}
            />
          )}
          {lfu !== false && (
            <NumberField
              label="Frequency below"
              description="1 to 255; only where the policy is LFU."
              placeholder="any"
              error={errors.freqUnder}
              value={draft.freqUnder}
              onChange={(freqUnder) => set({ freqUnder })}
            />
          )}
          <NumberField
            label="Expires within"
            description="Less time to live than this: 15m. Empty: any."
            placeholder="any"
            error={errors.ttlUnder}
            value={draft.ttlUnder}
            onChange={(ttlUnder) => set({ ttlUnder })}
          />
          <NumberField
            label="Larger than"
            description="As MEMORY USAGE tells it. Empty: any."
            suffix="KiB"
            placeholder="any"
            error={errors.sizeOverKiB}
            value={draft.sizeOverKiB}
            onChange={(sizeOverKiB) => set({ sizeOverKiB })}
          />
          <Field noMargin label="Types" htmlFor={`${id}types`} description="None chosen: all types.">
            <MultiCombobox
              id={`${id}types`}
              options={types}
              value={[...draft.types]}
              placeholder="All types"
              width={36}
              onChange={(chosen) => set({ types: chosen.map(({ value }) => value) })}
            />
          </Field>
        </Stack>
        <div>
          <Checkbox
            label="Only keys that never expire"
            description="Those without a TTL."
            value={draft.noTtl}
            onChange={({ currentTarget }) => set({ noTtl: currentTarget.checked })}
          />
        </div>
        <fieldset>
          <legend style={{ fontSize: 'inherit', marginBottom: 4 }}>
            How fast, over the whole cluster; it can be changed while it runs
          </legend>
          <RateFields value={draft.rate} onChange={(rate) => set({ rate })} />
        </fieldset>
        <Collapse
          label="Limits, counting, and proof"
          isOpen={open}
          onToggle={() => setOpen((before) => !before)}
        >
          <Stack direction="column" gap={2}>
            <Stack wrap="wrap" gap={2}>
              <NumberField
                label="Never more than"
                description="It ends when so many keys are gone."
                suffix="keys"
                placeholder="all"
                error={errors.limitKeys}
                value={draft.limitKeys}
                onChange={(limitKeys) => set({ limitKeys })}
              />
              <NumberField
                label="Never a larger share than"
                description="Of the keys that the cluster has at the plan."
                suffix="%"
                placeholder="100"
                error={errors.limitPercent}
                value={draft.limitPercent}
                onChange={(limitPercent) => set({ limitPercent })}
              />
              <NumberField
                label="Look again at the end"
                description="At so many keys that are left out. 0: none."
                suffix="keys"
                error={errors.sample}
                value={draft.sample}
                onChange={(sample) => set({ sample })}
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
        </Collapse>
        <div>
          <ActionButton type="submit" forbidden={forbidden} pending={pending} disabled={!complete}>
            Plan
          </ActionButton>
        </div>
      </Stack>
    </form>
  )
}
