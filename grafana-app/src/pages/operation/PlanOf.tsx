import { Collapse, Stack } from '@grafana/ui'
import { useState } from 'react'
import type { Plan } from '../../api/contract'
import { CopyText } from '../../components/CopyText'
import { Time } from '../../components/Time'
import { ChangesTable } from '../../features/operations/ChangesTable'
import { PlanContents } from '../../features/operations/PlanReview'
import { actionKind } from './kinds'

/** The plan that was run: exactly what was looked at, since a plan never changes. */
export function PlanOf({ plan }: { readonly plan: Plan }) {
  const [open, setOpen] = useState(false)
  const kind = actionKind(plan.kind)
  return (
    <Stack direction="column" gap={1}>
      <div>
        Planned <Time at={plan.createdAt} />; its hash, to compare with what was reviewed:
      </div>
      {plan.hash !== undefined && <CopyText label="Hash of the plan" text={plan.hash} />}
      {kind && plan.changes !== undefined && plan.changes.length > 0 && (
        <ChangesTable changes={plan.changes} say={kind.say} />
      )}
      <Collapse
        label="The request and what the plan found"
        isOpen={open}
        onToggle={() => setOpen((before) => !before)}
      >
        <Stack direction="column" gap={2}>
          <CopyText label="The request" text={JSON.stringify(plan.spec, undefined, 2)} />
          {kind && <PlanContents plan={{ ...plan, changes: [] }} kind={kind} />}
        </Stack>
      </Collapse>
    </Stack>
  )
}
