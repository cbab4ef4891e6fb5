import { Alert } from '@grafana/ui'

interface Props {
  readonly error: Error | null
  /** What is not there because of it, as a subject: `Firing alerts`. */
  readonly missing: string
}

/** A note that figures of Prometheus are missing; the rest of the page stands without them. */
export function PrometheusTrouble({ error, missing }: Props) {
  if (!error) return null
  return (
    <Alert severity="warning" role="status" title={`${missing} could not be read from Prometheus`}>
      <p>{error.message}</p>
      <p>
        Look whether Prometheus runs, and test the data source in Grafana. What comes from the exporter itself
        is right nevertheless.
      </p>
    </Alert>
  )
}
