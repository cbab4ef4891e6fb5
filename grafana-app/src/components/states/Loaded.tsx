import { Alert, Icon, LoadingPlaceholder } from '@grafana/ui'
import type { ReactNode } from 'react'
import { troubleOf } from '../../api/errors'
import { Time } from '../Time'
import { TroubleAlert } from './TroubleAlert'
import { TROUBLES } from './troubles'

interface Query<T> {
  readonly data: T | undefined
  readonly error: Error | null
  readonly dataUpdatedAt: number
}

interface Props<T> {
  readonly query: Query<T>
  /** In a sentence: `the clusters`. */
  readonly what: string
  /** Another note on the page says already that what it shows is old. */
  readonly quiet?: boolean
  /** Another note on the page says already why nothing can be read and what to do: here a line is enough. */
  readonly brief?: boolean
  readonly children: (data: T) => ReactNode
}

/**
 * What a call gave, or why there is nothing. What was read before stays when a later call fails, with a note how old it
 * is: old figures help more than none, as long as nobody takes them for new.
 */
export function Loaded<T>({
  query: { data, error, dataUpdatedAt },
  what,
  quiet = false,
  brief = false,
  children,
}: Props<T>) {
  if (data === undefined) {
    if (!error) return <LoadingPlaceholder text={`Reading ${what}…`} />
    if (!brief) return <TroubleAlert error={error} />
    return (
      <p>
        <Icon name="question-circle" size="sm" aria-hidden /> Not known: {TROUBLES[troubleOf(error)].title}.
      </p>
    )
  }
  return (
    <>
      {error && !quiet && (
        <Alert severity="warning" role="status" title={`Stale: ${TROUBLES[troubleOf(error)].title}`}>
          This is the last known state of {what}, as of <Time at={new Date(dataUpdatedAt).toISOString()} />.{' '}
          {error.message}
        </Alert>
      )}
      {children(data)}
    </>
  )
}
