import { Alert } from '@grafana/ui'
import { isOver, type Operation } from '../../api/contract'
import type { OperationKind } from './kind'
import { STATES } from './states'

/** How it ended, and what to do now. */
export function Ending({ operation, kind }: { readonly operation: Operation; readonly kind: OperationKind }) {
  const { state, summary } = operation
  if (!isOver(state)) return null
  const { text, severity } = STATES[state]
  return (
    <Alert severity={severity} title={text}>
      {summary !== '' && <p>{summary}</p>}
      <strong>Next:</strong> {kind.next(operation)}
    </Alert>
  )
}
