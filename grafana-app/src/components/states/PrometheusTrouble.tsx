import { Alert, Icon } from '@grafana/ui'
import { TROUBLES } from './troubles'

interface Props {
  readonly error: Error | null
  /** What is not there because of it, as a subject: `Firing alerts`. */
  readonly missing: string
  /** The page says elsewhere what to do: here a line is enough. */
  readonly brief?: boolean
}

/** A note that figures of Prometheus are missing; the rest of the page stands without them. */
export function PrometheusTrouble({ error, missing, brief = false }: Props) {
  if (!error) return null
  if (brief)
    return (
      <p>
        <Icon name="question-circle" size="sm" aria-hidden /> {missing} could not be read from Prometheus.
      </p>
    )
  return (
    <Alert severity="warning" role="status" title={`${missing} could not be read from Prometheus`}>
      <p>{error.message}</p>
      <p>{TROUBLES['prometheus-down'].todo}</p>
    </Alert>
  )
}
