import { Alert } from '@grafana/ui'
import { troubleOf } from '../../api/errors'
import { TroubleAlert } from '../../components/states/TroubleAlert'
import { TROUBLES } from '../../components/states/troubles'
import { Time } from '../../components/Time'

interface Props {
  readonly error: Error
  /** In a sentence: `the plan`. */
  readonly what: string
  /** When what is shown was read; 0: nothing was ever read. */
  readonly readAtMs: number
}

/** What is shown is old, since nothing newer can be read: says so, and since when. */
export function LastKnown({ error, what, readAtMs }: Props) {
  if (readAtMs === 0) return <TroubleAlert error={error} />
  return (
    <Alert severity="warning" role="status" title={`Stale: ${TROUBLES[troubleOf(error)].title}`}>
      This is the last known state of {what}, as of <Time at={new Date(readAtMs).toISOString()} />. It is read
      again every few seconds; what runs, runs on. {error.message}
    </Alert>
  )
}
