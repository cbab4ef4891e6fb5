import { Alert } from '@grafana/ui'
import { dateTimeFormat } from '@grafana/data'
import { duration } from './text'
import { useNow } from './useNow'

interface Props {
  readonly error: Error
  /** When what is shown was read; 0: nothing was ever read. */
  readonly readAtMs: number
}

/** What is shown is old, since nothing newer can be read: says so, and since when. */
export function LastKnown({ error, readAtMs }: Props) {
  const now = useNow()
  return (
    <Alert severity="warning" title={error.message}>
      {readAtMs > 0
        ? `What you see is the last known state, of ${dateTimeFormat(readAtMs, { format: 'HH:mm:ss' })} (${duration((now - readAtMs) / 1000)} ago). `
        : ''}
      It is read again every few seconds; nothing has to be done here.
    </Alert>
  )
}
