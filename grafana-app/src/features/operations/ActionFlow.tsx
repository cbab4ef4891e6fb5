import { Alert, Button, LoadingPlaceholder, Stack, TextLink } from '@grafana/ui'
import { useRef, useState } from 'react'
import { useCreatePlan } from '../../api/actions'
import { isOver } from '../../api/contract'
import { ApiError } from '../../api/errors'
import { useCluster } from '../../api/hooks'
import { usePermissions } from '../../api/permissions'
import { paths } from '../../app/paths'
import type { ActionKind } from './kind'
import { PlanFlow } from './PlanFlow'
import { Stepper } from './Stepper'

interface Props {
  readonly cluster: string
  readonly kind: ActionKind
  /** The plan that is looked at or runs; undefined: none yet. A page has it in its URL. */
  readonly planId: string | undefined
  readonly onPlanId: (id: string | undefined) => void
  /** What the form begins with; another one needs another key. */
  readonly suggested?: unknown
}

/**
 * From plan to proof, for every kind of operation: plan, review, confirm, run, verify. Where it is follows from the
 * plan and its operation alone, so that it goes on there after a reload, in another tab, for a colleague.
 */
export function ActionFlow({ cluster, kind, planId, onPlanId, suggested }: Props) {
  const [initial, setInitial] = useState<unknown>(suggested)
  if (planId !== undefined)
    return (
      <PlanFlow
        key={planId}
        id={planId}
        cluster={cluster}
        kind={kind}
        onPlan={onPlanId}
        onChange={(spec) => {
          setInitial(spec)
          onPlanId(undefined)
        }}
      />
    )
  return <NewPlan cluster={cluster} kind={kind} initial={initial} onPlan={onPlanId} />
}

interface NewPlanProps {
  readonly cluster: string
  readonly kind: ActionKind
  readonly initial: unknown
  readonly onPlan: (id: string) => void
}

function NewPlan({ cluster, kind, initial, onPlan }: NewPlanProps) {
  const { data, isPending, error } = useCluster(cluster)
  const permission = usePermissions({ kind: kind.name, cluster }).plan
  const create = useCreatePlan(cluster)
  // A second click comes before the button is disabled.
  const asked = useRef(false)
  const open = data?.operations.find((operation) => operation.kind === kind.name && !isOver(operation.state))
  // Other pages say more of a cluster that is gone; here nothing could be planned.
  if (!data && error instanceof ApiError && error.code === 'unknown-cluster')
    return (
      <Alert severity="warning" title={`There is no cluster ${cluster}`}>
        {error.message} <TextLink href={paths.clusters}>All clusters</TextLink>
      </Alert>
    )
  return (
    <Stack direction="column" gap={2}>
      <Stepper current="plan" complete={false} onStep={() => undefined} />
      {open && (
        <Alert
          severity="info"
          title={`There is ${kind.article} ${kind.noun} of ${cluster} under way (${open.state})`}
        >
          <Button size="sm" icon="eye" onClick={() => onPlan(open.id)}>
            Watch it
          </Button>
        </Alert>
      )}
      {create.error && <Alert severity="error" title={`No plan was made: ${create.error.message}`} />}
      {isPending ? (
        <LoadingPlaceholder text="Loading…" />
      ) : (
        <kind.Form
          cluster={cluster}
          initial={initial}
          pending={create.isPending}
          forbidden={permission.reason}
          onPlan={(spec) => {
            if (asked.current) return
            asked.current = true
            create.mutate(
              { kind: kind.name, spec },
              {
                onSuccess: ({ id }) => onPlan(id),
                onSettled: () => {
                  asked.current = false
                },
              },
            )
          }}
        />
      )}
    </Stack>
  )
}
