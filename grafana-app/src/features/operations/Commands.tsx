import { Alert, Button, Field, Input, Stack } from '@grafana/ui'
import { useId, useState } from 'react'
import { useCancel, usePause, useResume } from '../../api/actions'
import { isOver, type Operation } from '../../api/contract'
import { ActionButton, Forbidden } from './ActionButton'

interface Props {
  readonly operation: Operation
  readonly noun: string
  /** What cancelling leaves behind. */
  readonly cancelling: string
  /** Why nobody may give commands; empty when they may. */
  readonly forbidden: string
  /** Why it may not go on, though it may be cancelled; empty when it may. */
  readonly frozen: string
}

/** Pause, go on, cancel: while it is not over. */
export function Commands({ operation, noun, cancelling, forbidden, frozen }: Props) {
  const { id, state } = operation
  const ids = useId()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const pause = usePause(id)
  const resume = useResume(id)
  const cancel = useCancel(id)
  if (isOver(state)) return null
  const error = pause.error ?? resume.error ?? cancel.error
  const busy = pause.isPending || resume.isPending || cancel.isPending
  const shared = {
    disabled: forbidden !== '' || busy,
    'aria-describedby': forbidden === '' ? undefined : `${ids}forbidden`,
  }
  const why = reason.trim() === '' ? {} : { reason: reason.trim() }

  return (
    <section aria-label="Commands">
      <Stack direction="column" gap={1}>
        {!asking && (
          <Stack wrap="wrap" alignItems="center">
            {state === 'paused' ? (
              <ActionButton icon="play" {...shared} forbidden={frozen} onClick={() => resume.mutate({})}>
                Resume
              </ActionButton>
            ) : (
              <Button
                icon="pause"
                variant="secondary"
                {...shared}
                disabled={shared.disabled || state !== 'running'}
                onClick={() => pause.mutate({})}
              >
                Pause
              </Button>
            )}
            <Button
              icon="times"
              variant="destructive"
              fill="outline"
              {...shared}
              onClick={() => setAsking(true)}
            >
              Cancel the {noun}
            </Button>
            {forbidden !== '' && <Forbidden id={shared['aria-describedby']} reason={forbidden} />}
          </Stack>
        )}
        {asking && (
          <form
            aria-label={`Cancel the ${noun}`}
            onSubmit={(event) => {
              event.preventDefault()
              cancel.mutate(why, { onSettled: () => setAsking(false) })
            }}
          >
            <Alert severity="warning" title={`Cancel the ${noun} on ${operation.cluster}?`}>
              <Stack direction="column" gap={1}>
                <span>{cancelling}</span>
                <Field noMargin label="Reason (optional)" htmlFor={`${ids}reason`}>
                  <Input
                    id={`${ids}reason`}
                    autoFocus
                    maxLength={1000}
                    width={50}
                    value={reason}
                    onChange={({ currentTarget }) => setReason(currentTarget.value)}
                  />
                </Field>
                <Stack wrap="wrap">
                  <ActionButton
                    type="submit"
                    variant="destructive"
                    forbidden={forbidden}
                    pending={cancel.isPending}
                  >
                    Yes, cancel it
                  </ActionButton>
                  <Button type="button" variant="secondary" onClick={() => setAsking(false)}>
                    No, let it go on
                  </Button>
                </Stack>
              </Stack>
            </Alert>
          </form>
        )}
        {error && <Alert severity="error" title={error.message} />}
      </Stack>
    </section>
  )
}
