import { Stack } from '@grafana/ui'
import type { ReactNode, Ref } from 'react'
import { ActionButton } from './ActionButton'

interface Props {
  readonly label: string
  /** Why nobody may plan now; empty when one may. */
  readonly forbidden: string
  readonly pending: boolean
  /** What is to be filled in or mended first; empty when nothing is. */
  readonly missing: string
  readonly onPlan: () => void
  readonly ref?: Ref<HTMLFormElement>
  /** The fields. */
  readonly children: ReactNode
}

/** A form that ends with Plan, which says why it can't be used. The Enter key plans no more than the button does. */
export function PlanForm({ label, forbidden, pending, missing, onPlan, ref, children }: Props) {
  return (
    <form
      ref={ref}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === '' && forbidden === '') onPlan()
      }}
    >
      <Stack direction="column" gap={2}>
        {children}
        <div>
          <ActionButton type="submit" forbidden={forbidden} pending={pending} missing={missing}>
            Plan
          </ActionButton>
        </div>
      </Stack>
    </form>
  )
}
