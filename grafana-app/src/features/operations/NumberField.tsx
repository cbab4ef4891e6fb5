import { Field, Input } from '@grafana/ui'
import { useId } from 'react'

interface Props {
  readonly label: string
  readonly description: string
  readonly suffix?: string
  readonly placeholder?: string
  readonly error: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A number as it is typed, with its unit and what is wrong with it. */
export function NumberField({ label, description, suffix, placeholder, error, value, onChange }: Props) {
  const id = useId()
  return (
    <Field
      noMargin
      label={label}
      htmlFor={id}
      description={description}
      invalid={error !== undefined}
      error={error}
    >
      <Input
        id={id}
        inputMode="decimal"
        width={24}
        suffix={suffix}
        placeholder={placeholder}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </Field>
  )
}
