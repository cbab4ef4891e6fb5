import { Alert, Spinner, Stack } from '@grafana/ui'
import { useCancelPlan } from '../../api/actions'
import type { Plan } from '../../api/contract'
import { ActionButton } from './ActionButton'
import type { ActionKind } from './kind'
import { Meter } from './Meter'
import { percent } from './text'

interface Props {
  readonly plan: Plan
  readonly kind: ActionKind
  /** Why nobody may plan here; empty when they may. */
  readonly forbidden: string
}

/** A plan that is being made: how far it is where that takes long, and its end for those who have waited enough. */
export function Planning({ plan: { id, progress }, kind, forbidden }: Props) {
  const cancel = useCancelPlan(id)
  const share = progress && progress.total > 0 ? progress.done / progress.total : 0
  return (
    <Stack direction="column" gap={1}>
      <Stack alignItems="center" role="status">
        <Spinner />
        <span>
          Planning: {kind.looksAt} Nothing is touched. A second or two; longer while a node does not answer.
        </span>
      </Stack>
      {progress && (
        <Meter progress label="Progress of the plan" share={share} text={`${percent(share)} looked at`} />
      )}
      <Stack>
        <ActionButton
          variant="secondary"
          forbidden={forbidden}
          pending={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          Cancel the plan
        </ActionButton>
      </Stack>
      {cancel.error && <Alert severity="error" title={`It was not cancelled: ${cancel.error.message}`} />}
    </Stack>
  )
}
