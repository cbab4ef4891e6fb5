import { Alert } from '@grafana/ui'
import { troubleOf } from '../../api/errors'
import { TroubleAlert } from '../../components/states/TroubleAlert'
import { TROUBLES } from '../../components/states/troubles'
import { Time } from '../../components/Time'
import { useNow } from '../../components/useNow'

/** What runs is read every two seconds; so long without an answer is no slow answer any more. */
const OVERDUE_MS = 8000

interface Props {
  /** Why it could not be read the last time; null: it could, or it is being waited for. */
  readonly error: Error | null
  /** In a sentence: `the plan`. */
  readonly what: string
  /** When what is shown was read; 0: nothing was ever read. */
  readonly readAtMs: number
  /** It changes from second to second: without an answer for a while it is old, too. */
  readonly live?: boolean
}

/** Whether what changes from second to second was read too long ago to be taken for now. */
export function useOverdue(readAtMs: number): boolean {
  return useNow() - readAtMs > OVERDUE_MS
}

/** Says that what is shown is old since nothing newer can be read, and since when; else nothing. */
export function LastKnown({ error, what, readAtMs, live = false }: Props) {
  const overdue = useOverdue(readAtMs)
  if (error && readAtMs === 0) return <TroubleAlert error={error} />
  if (!error && !(live && overdue)) return null
  const title = error ? TROUBLES[troubleOf(error)].title : 'The exporter takes long to answer'
  return (
    <Alert severity="warning" role="status" title={`Stale: ${title}`}>
      This is the last known state of {what}, as of <Time at={new Date(readAtMs).toISOString()} />. It is read
      again every few seconds. If the exporter is down, what it runs stands still and goes on by itself when
      it is back. {error?.message}
    </Alert>
  )
}
