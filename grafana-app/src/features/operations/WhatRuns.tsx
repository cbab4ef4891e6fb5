import type { Operation, Plan } from '../../api/contract'
import { Time } from '../../components/Time'
import type { ActionKind } from './kind'

interface Props {
  readonly plan: Plan
  readonly operation: Operation
  readonly kind: ActionKind
}

/** What it is that runs, to what, why, and who began it; its rate stands with the control of it. */
export function WhatRuns({ plan, operation: { by, reason, startedAt }, kind }: Props) {
  return (
    <p>
      <strong>{kind.action(plan)}.</strong> {kind.subject?.(plan)} {reason !== '' && <>Reason: {reason}. </>}
      Run by {by.claimedUser ?? `the token ${by.token}`}, begun <Time at={startedAt} />.
    </p>
  )
}
