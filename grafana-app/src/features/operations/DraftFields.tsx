import { Field, Input } from '@grafana/ui'
import { useId, type ComponentProps } from 'react'

interface Props<Name extends string> {
  /** The form as it is filled in, and what is wrong with it. */
  readonly draft: Readonly<Record<Name, string>>
  readonly errors: Partial<Readonly<Record<Name, string>>>
  readonly set: (part: Record<Name, string>) => void
  /** The field of the draft. */
  readonly name: Name
  readonly label: string
  readonly description: string
}

/** A number as it is typed, with its unit and what is wrong with it. */
export function NumberField<Name extends string>(
  props: Props<Name> & { readonly suffix?: string; readonly placeholder?: string },
) {
  return <DraftField inputMode="decimal" width={24} {...props} />
}

/** A pattern of keys, or how they begin. Without a width it is as wide as the form's other long fields. */
export function KeysField<Name extends string>(props: Props<Name> & { readonly width?: number }) {
  return <DraftField spellCheck={false} autoComplete="off" {...props} />
}

function DraftField<Name extends string>({
  draft,
  errors,
  set,
  name,
  label,
  description,
  ...input
}: Props<Name> & Omit<ComponentProps<typeof Input>, keyof Props<Name>>) {
  const id = useId()
  return (
    <Field
      noMargin
      label={label}
      style={input.width === undefined ? { maxWidth: 480 } : undefined}
      htmlFor={id}
      description={description}
      invalid={errors[name] !== undefined}
      error={errors[name]}
    >
      <Input
        {...input}
        id={id}
        value={draft[name]}
        onChange={({ currentTarget }) => set({ [name]: currentTarget.value } as Record<Name, string>)}
      />
    </Field>
  )
}
