import { Alert, Checkbox, Combobox, Field, Input, RadioButtonGroup } from '@grafana/ui'
import { useEffect, useId, useRef, useState } from 'react'
import { useEviction } from '../../api/hooks'
import { FoldedFields } from '../operations/FoldedFields'
import type { SpecFormProps } from '../operations/kind'
import { PlanForm } from '../operations/PlanForm'
import { AdvancedFields } from './AdvancedFields'
import { sayLimit } from './limits'
import { POLICIES, type Policy } from './policies'
import { check, draftOf, isAdvanced, UNITS, type Draft, type Unit } from './spec'

const policies = (Object.entries(POLICIES) as [Policy, string][]).map(([value, description]) => ({
  value,
  label: value,
  description,
}))
const units = (Object.keys(UNITS) as Unit[]).map((value) => ({ value, label: value }))

/** What to set on every node; what is left empty stays as it is. */
export function EvictionForm({ cluster, initial, onPlan, pending, forbidden }: SpecFormProps) {
  const id = useId()
  const { data } = useEviction(cluster)
  const now = data?.effective
  const [draft, setDraft] = useState(() => draftOf(initial))
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }))
  const { spec, errors, complete } = check(draft)
  const form = useRef<HTMLFormElement>(null)
  const filled = useRef(initial !== undefined)
  // What somebody else filled in is looked at from its first field on.
  useEffect(() => {
    if (!filled.current) return
    const inputs = [...(form.current?.querySelectorAll('input') ?? [])]
    const first = inputs.find(({ type, value }) => type !== 'checkbox' && type !== 'radio' && value !== '')
    first?.scrollIntoView({ block: 'center' })
    first?.focus({ preventScroll: true })
  }, [])
  return (
    <PlanForm
      ref={form}
      label="Eviction policy"
      forbidden={forbidden}
      pending={pending}
      missing={
        complete
          ? ''
          : Object.keys(errors).length > 0
            ? 'Mend what is marked first.'
            : 'Fill in at least one value that is to change.'
      }
      onPlan={() => onPlan(spec)}
    >
      <Field
        noMargin
        label="Policy"
        style={{ maxWidth: 480 }}
        htmlFor={`${id}policy`}
        description={
          draft.policy
            ? POLICIES[draft.policy]
            : `Which keys a full node gives up. Empty: stays ${now?.policy ?? 'as it is'}.`
        }
      >
        <Combobox
          id={`${id}policy`}
          options={policies}
          value={draft.policy ?? null}
          isClearable
          placeholder="Stays as it is"
          onChange={(option) => set({ policy: option?.value })}
        />
      </Field>
      <Field
        noMargin
        label="Memory limit of each node"
        htmlFor={`${id}limit`}
        description={`maxmemory. Empty: stays ${now?.maxmemory === undefined ? 'as it is' : sayLimit(now.maxmemory)}. 0: no limit.`}
        invalid={errors.maxmemory !== undefined}
        error={errors.maxmemory}
      >
        <Input
          id={`${id}limit`}
          type="number"
          min={0}
          step="any"
          width={40}
          value={draft.maxmemory}
          onChange={({ currentTarget }) => set({ maxmemory: currentTarget.value })}
          addonAfter={
            <RadioButtonGroup
              aria-label="Unit of the limit"
              options={units}
              value={draft.unit}
              onChange={(unit) => set({ unit })}
            />
          }
        />
      </Field>
      <Field
        noMargin
        label="Samples"
        htmlFor={`${id}samples`}
        description={`maxmemory-samples: more find better keys to evict and cost more CPU. Empty: stays ${now?.samples ?? 'as it is'}.`}
        invalid={errors.samples !== undefined}
        error={errors.samples}
      >
        <Input
          id={`${id}samples`}
          type="number"
          min={1}
          max={64}
          width={20}
          value={draft.samples}
          onChange={({ currentTarget }) => set({ samples: currentTarget.value })}
        />
      </Field>
      <FoldedFields
        label="All parameters"
        startsOpen={isAdvanced(draft)}
        wrong={Object.keys(errors).some((name) => name !== 'maxmemory' && name !== 'samples')}
      >
        <AdvancedFields draft={draft} errors={errors} now={now} set={set} />
      </FoldedFields>
      <div>
        <Checkbox
          label="Keep it over a restart"
          description="Writes each node’s configuration file (CONFIG REWRITE): everything that was changed while it ran, not just this. The plan lists it."
          value={draft.persist}
          onChange={({ currentTarget }) => set({ persist: currentTarget.checked })}
        />
      </div>
      <div>
        <Checkbox
          label="Allow eviction at once (dangerous)"
          description="Permits a limit below what a node has in use. Without it such a plan is refused."
          value={draft.allowEviction}
          onChange={({ currentTarget }) => set({ allowEviction: currentTarget.checked })}
        />
      </div>
      {draft.allowEviction && (
        <Alert severity="warning" title="Keys that are evicted do not come back">
          With a limit below what is in use, nodes evict as soon as it is set.
        </Alert>
      )}
    </PlanForm>
  )
}
