import { Stack } from '@grafana/ui'
import { KeysField, NumberField } from '../operations/DraftFields'
import { TypesField } from '../operations/TypesField'
import type { Draft } from './spec'

export interface FieldsProps {
  readonly draft: Draft
  readonly errors: Partial<Record<keyof Draft, string>>
  readonly set: (part: Partial<Draft>) => void
}

/** Which keys are copied. */
export function SelectFields(fields: FieldsProps) {
  const { draft, set } = fields
  return (
    <Stack wrap="wrap" gap={2}>
      <KeysField
        {...fields}
        name="match"
        label="Keys that match"
        description="A pattern as SCAN MATCH has it: user:*. Empty: all."
        width={36}
      />
      <KeysField
        {...fields}
        name="prefix"
        label="Keys that begin with"
        description="As it is, no pattern. Empty: any."
        width={36}
      />
      <TypesField value={draft.types} onChange={(types) => set({ types })} />
      <NumberField
        {...fields}
        name="maxMiB"
        label="Largest value"
        description="Larger ones are left out and counted."
        suffix="MiB"
      />
      <NumberField
        {...fields}
        name="minTtlSeconds"
        label="Least time to live"
        description="Keys that expire sooner are left out; those without a TTL stay in."
        suffix="s"
        placeholder="any"
      />
    </Stack>
  )
}
