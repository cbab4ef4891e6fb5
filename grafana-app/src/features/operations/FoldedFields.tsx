import { Alert, Collapse } from '@grafana/ui'
import { useState, type ReactNode } from 'react'

interface Props {
  readonly label: string
  readonly startsOpen?: boolean
  /** Whether any of the fields in it can't be sent as it is: said while it is folded. */
  readonly wrong: boolean
  readonly children: ReactNode
}

/** Fields that are seldom needed. */
export function FoldedFields({ label, startsOpen = false, wrong, children }: Props) {
  const [open, setOpen] = useState(startsOpen)
  return (
    <>
      <Collapse label={label} isOpen={open} onToggle={setOpen}>
        {children}
      </Collapse>
      {!open && wrong && (
        <Alert severity="warning" title={`Something under “${label}” can’t be sent as it is`} />
      )}
    </>
  )
}
