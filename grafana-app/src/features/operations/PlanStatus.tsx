import { Alert, Button, Stack } from '@grafana/ui'
import type { Plan } from '../../api/contract'
import { ActionButton } from './ActionButton'
import { DataTable } from './DataTable'
import type { ActionKind } from './kind'
import { Lines } from './Lines'
import { Planning } from './Planning'

interface Props {
  readonly plan: Plan
  readonly kind: ActionKind
  /** Why nobody may plan here; empty when they may. */
  readonly forbidden: string
  /** A new plan is being asked for. */
  readonly pending: boolean
  readonly onAgain: () => void
  readonly onChange: () => void
  readonly onPlan: (id: string) => void
}

/** A plan that can't be run, or not yet: why, and what to do. */
export function PlanStatus({ plan, kind, forbidden, pending, onAgain, onChange, onPlan }: Props) {
  const refused = plan.state === 'refused'
  const change = (
    <Button variant={refused ? 'primary' : 'secondary'} onClick={onChange}>
      Change it
    </Button>
  )
  const again = (
    <ActionButton
      variant={refused ? 'secondary' : 'primary'}
      forbidden={forbidden}
      pending={pending}
      onClick={onAgain}
    >
      Plan the same again
    </ActionButton>
  )
  switch (plan.state) {
    case 'planning':
      return <Planning plan={plan} kind={kind} forbidden={forbidden} />
    case 'refused':
      return (
        <Stack direction="column">
          <Alert severity="error" title={`The plan is refused: this ${kind.noun} must not be run`}>
            Nothing was touched. Do what each line says, then plan again.
          </Alert>
          <DataTable
            label="What forbids it"
            rows={plan.refused ?? []}
            rowKey={(_, index) => String(index)}
            columns={[
              { header: 'Node', cell: ({ node }) => node ?? 'the cluster' },
              { header: 'Why', cell: ({ reason }) => reason },
              { header: 'What to do', cell: ({ todo }) => todo },
            ]}
          />
          <Stack wrap="wrap">
            {change}
            {again}
          </Stack>
        </Stack>
      )
    case 'stale':
      return (
        <Stack direction="column">
          <Alert severity="warning" title="The plan is stale: what it relied on has changed">
            Nothing was touched. This is different now:
            <Lines lines={plan.stale?.difference ?? []} />
          </Alert>
          <Stack wrap="wrap">
            {plan.stale && (
              <Button onClick={() => plan.stale && onPlan(plan.stale.freshPlan)}>Use the fresh plan</Button>
            )}
            {change}
          </Stack>
        </Stack>
      )
    case 'expired':
      return (
        <Stack direction="column">
          <Alert severity="info" title="The plan has expired: nobody ran it in time">
            Nothing was touched. Plans hold for a short while only, since clusters change.
          </Alert>
          <Stack wrap="wrap">
            {again}
            {change}
          </Stack>
        </Stack>
      )
    case 'ready':
      return null
  }
}
