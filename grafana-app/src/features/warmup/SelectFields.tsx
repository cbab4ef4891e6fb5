import { Field, Input, MultiCombobox, Stack } from '@grafana/ui'
import { useId } from 'react'
import { NumberField } from '../operations/NumberField'
import { KEY_TYPES, type Draft, type errorsOf } from './spec'

export interface FieldsProps {
  readonly draft: Draft
  readonly errors: ReturnType<typeof errorsOf>
  readonly set: (part: Partial<Draft>) => void
}

const types = KEY_TYPES.map((value) => ({ value, label: value }))

/** Which keys are copied. */
export function SelectFields({ draft, errors, set }: FieldsProps) {
  const id = useId()
  return (
    <Stack wrap="wrap" gap={2}>
      <Field
        noMargin
        label="Keys that match"
        htmlFor={`${id}match`}
        description="A pattern as SCAN MATCH has it: user:*. Empty: all."
      >
        <Input
          id={`${id}match`}
          width={36}
          spellCheck={false}
          value={draft.match}
          onChange={({ currentTarget }) => set({ match: currentTarget.value })}
        />
      </Field>
      <Field
        noMargin
        label="Keys that begin with"
        htmlFor={`${id}prefix`}
        description="As it is, no pattern. Empty: any."
      >
        <Input
          id={`${id}prefix`}
          width={36}
          spellCheck={false}
          value={draft.prefix}
          onChange={({ currentTarget }) => set({ prefix: currentTarget.value })}
        />
      </Field>
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
      <NumberField
        label="Largest value"
        description="Larger ones are left out and counted."
        suffix="MiB"
        error={errors.maxMiB}
        value={draft.maxMiB}
        onChange={(maxMiB) => set({ maxMiB })}
      />
      <NumberField
        label="Least time to live"
        description="Keys that expire sooner are left out; those without a TTL stay in."
        suffix="s"
        placeholder="any"
        error={errors.minTtlSeconds}
        value={draft.minTtlSeconds}
        onChange={(minTtlSeconds) => set({ minTtlSeconds })}
      />
    </Stack>
  )
}
