import { Field, MultiCombobox } from '@grafana/ui'
import { useId } from 'react'
import type { EvictKeysSpec } from '../../api/contract'

export type KeyType = NonNullable<EvictKeysSpec['types']>[number]

const TYPES: readonly KeyType[] = ['string', 'list', 'set', 'zset', 'hash', 'stream']
const options = TYPES.map((value) => ({ value, label: value }))

interface Props {
  readonly value: readonly KeyType[]
  readonly onChange: (types: readonly KeyType[]) => void
}

/** The types of keys that an operation is for. */
export function TypesField({ value, onChange }: Props) {
  const id = useId()
  return (
    <Field noMargin label="Types" htmlFor={id} description="None chosen: all types.">
      <MultiCombobox
        id={id}
        options={options}
        value={[...value]}
        placeholder="All types"
        width={36}
        onChange={(chosen) => onChange(chosen.map(({ value }) => value))}
      />
    </Field>
  )
}
