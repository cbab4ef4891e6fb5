import { Alert, Stack } from '@grafana/ui'
import { useState } from 'react'
import { useChangeRate } from '../../api/actions'
import type { Operation, Rate } from '../../api/contract'
import { ActionButton } from './ActionButton'
import { Heading } from './Heading'
import { isRate, sayKeys, sayRate } from './rate'
import { RateFields } from './RateFields'
import type { Speed } from './speed'
import { bytes } from './text'

interface Props {
  readonly operation: Operation
  readonly speed: Speed | undefined
  /** Why nobody may change it; empty when they may. */
  readonly forbidden: string
}

/** Slows down or speeds up what runs, and shows what was asked for beside what is reached. */
export function RateControl({ operation, speed, forbidden }: Props) {
  const [draft, setDraft] = useState<Rate>()
  const change = useChangeRate(operation.id)
  const asked = operation.rate ?? {}
  const rate = draft ?? asked
  // What is absent stays as it was, so a limit can be changed here but not taken away.
  const changed = Object.fromEntries(
    (['keysPerSecond', 'bytesPerSecond'] as const).flatMap((name) =>
      rate[name] !== undefined && rate[name] !== asked[name] ? [[name, rate[name]]] : [],
    ),
  )
  return (
    <section aria-label="Rate">
      <Stack direction="column" gap={1}>
        <Heading>Rate</Heading>
        <div>
          Asked for: {sayRate(asked) || 'no limit'}. Now:{' '}
          {speed
            ? `${sayKeys(speed)}, ${bytes(speed.bytesPerSecond)}/s`
            : operation.state === 'running'
              ? 'being measured'
              : 'not known'}
          .
        </div>
        <RateFields value={rate} onChange={setDraft} disabled={forbidden !== ''} empty="stays as it is" />
        {change.error && (
          <Alert severity="error" title={`The rate stays as it was: ${change.error.message}`} />
        )}
        <div>
          <ActionButton
            variant="secondary"
            forbidden={forbidden}
            pending={change.isPending}
            disabled={Object.keys(changed).length === 0 || !isRate(rate)}
            onClick={() => change.mutate(changed, { onSuccess: () => setDraft(undefined) })}
          >
            Change the rate
          </ActionButton>
        </div>
      </Stack>
    </section>
  )
}
