import { Alert } from '@grafana/ui'
import type { ReactNode } from 'react'
import { troubleOf } from '../../api/errors'
import { TROUBLES } from './troubles'

interface Props {
  readonly error: Error
  /** What was tried, where the title alone does not say. */
  readonly what?: string
  readonly children?: ReactNode
}

/** What went wrong, why, and what to do; by the kind of trouble. */
export function TroubleAlert({ error, what, children }: Props) {
  const trouble = troubleOf(error)
  const { title, todo, severity } = TROUBLES[trouble]
  const says = error.message !== '' && trouble !== 'exporter-down' && trouble !== 'no-permission'
  return (
    <Alert
      title={what === undefined ? title : `${what}: ${title.toLowerCase()}`}
      severity={severity}
      role="status"
    >
      {says && <p>{error.message}</p>}
      {todo !== '' && <p>{todo}</p>}
      {children}
    </Alert>
  )
}
