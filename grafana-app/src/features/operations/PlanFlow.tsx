import { css } from '@emotion/css'
import { Alert, Button, LoadingPlaceholder, Stack, TextLink, useStyles2 } from '@grafana/ui'
import { useEffect, useRef, useState } from 'react'
import { useCreatePlan } from '../../api/actions'
import { isOver, type Plan } from '../../api/contract'
import { ApiError } from '../../api/errors'
import { useOperation, usePlan } from '../../api/hooks'
import { usePermissions } from '../../api/permissions'
import { paths } from '../../app/paths'
import { ConfirmRun } from './ConfirmRun'
import type { ActionKind } from './kind'
import { LastKnown } from './LastKnown'
import { OperationView } from './OperationView'
import { PlanReview } from './PlanReview'
import { PlanStatus } from './PlanStatus'
import { Stepper } from './Stepper'
import { stepOf, type Step } from './steps'
import { WhatRuns } from './WhatRuns'

/** Grafana's bar sticks to the top, over what is scrolled below it; with some room. */
const BAR_PX = 96

interface Props {
  readonly id: string
  readonly cluster: string
  readonly kind: ActionKind
  readonly onPlan: (id: string | undefined) => void
  /** Back to the form, with this spec. */
  readonly onChange: (spec: unknown) => void
}

/** One plan on its way: being made, reviewed, confirmed, run, verified. */
export function PlanFlow({ id, cluster, kind, onPlan, onChange }: Props) {
  const { data: plan, error, dataUpdatedAt } = usePlan(id)
  if (plan?.kind === kind.name && plan.cluster === cluster)
    return (
      <KnownPlan
        plan={plan}
        kind={kind}
        notice={<LastKnown error={error} what="the plan" readAtMs={dataUpdatedAt} />}
        onPlan={onPlan}
        onChange={onChange}
      />
    )
  const anew = (
    <Button variant="secondary" onClick={() => onPlan(undefined)}>
      Make a new plan
    </Button>
  )
  if (plan)
    return (
      <Alert severity="warning" title={`This link is of ${plan.kind} on ${plan.cluster}, not of this page`}>
        <Stack wrap="wrap" alignItems="center">
          {plan.operation && <TextLink href={paths.operation(plan.id)}>Look at that operation</TextLink>}
          {anew}
        </Stack>
      </Alert>
    )
  if (error instanceof ApiError && error.status === 404)
    return (
      <Alert severity="warning" title="There is no such plan">
        <Stack direction="column" alignItems="flex-start">
          <span>{error.message} It may have been forgotten with old events, or not be yours to see.</span>
          {anew}
        </Stack>
      </Alert>
    )
  if (error) return <LastKnown error={error} what="the plan" readAtMs={0} />
  return <LoadingPlaceholder text="Loading the plan…" />
}

interface KnownProps {
  readonly plan: Plan
  readonly kind: ActionKind
  readonly notice: React.ReactNode
  readonly onPlan: (id: string | undefined) => void
  readonly onChange: (spec: unknown) => void
}

function KnownPlan({ plan, kind, notice, onPlan, onChange }: KnownProps) {
  const [confirming, setConfirming] = useState(false)
  const operation = useOperation(plan.operation === undefined ? undefined : plan.id)
  const permissions = usePermissions({ kind: kind.name, cluster: plan.cluster })
  const again = useCreatePlan(plan.cluster)
  const step = stepOf(plan, operation.data, confirming)
  const head = useStepInView(step)
  const styles = useStyles2(getStyles)
  const change = () => onChange(plan.spec)
  const ended = isOver(operation.data?.state ?? plan.operation ?? '')

  return (
    <div
      ref={head}
      tabIndex={-1}
      role="group"
      aria-label={`The ${kind.noun}, step by step`}
      className={styles.flow}
    >
      <Stack direction="column" gap={2}>
        <Stepper
          current={step}
          complete={ended}
          onStep={(to) => (to === 'plan' ? change() : setConfirming(false))}
        />
        {operation.data === undefined &&
          (operation.error ? (
            <LastKnown error={operation.error} what="the operation" readAtMs={0} />
          ) : (
            notice
          ))}
        {step === 'plan' && (
          <PlanStatus
            plan={plan}
            kind={kind}
            forbidden={permissions.plan.reason}
            pending={again.isPending}
            onAgain={() =>
              again.mutate(
                { kind: kind.name, spec: plan.spec as Record<string, unknown> },
                { onSuccess: (made) => onPlan(made.id) },
              )
            }
            onChange={change}
            onPlan={onPlan}
          />
        )}
        {again.error && <Alert severity="error" title={`No plan was made: ${again.error.message}`} />}
        {step === 'review' && (
          <PlanReview
            plan={plan}
            kind={kind}
            forbidden={permissions.run.reason}
            onChange={change}
            onContinue={() => setConfirming(true)}
          />
        )}
        {step === 'confirm' && (
          <ConfirmRun
            plan={plan}
            kind={kind}
            forbidden={permissions.run.reason}
            onBack={() => setConfirming(false)}
          />
        )}
        {operation.data && <WhatRuns plan={plan} operation={operation.data} kind={kind} />}
        {operation.data && (
          <OperationView
            operation={operation.data}
            readAtMs={operation.dataUpdatedAt}
            error={operation.error}
            kind={kind}
          />
        )}
        {plan.operation !== undefined && !operation.data && !operation.error && (
          <LoadingPlaceholder text="Loading the operation…" />
        )}
        {operation.data && (
          <Stack wrap="wrap" alignItems="center">
            <TextLink href={paths.operation(plan.id)}>Everything of this operation</TextLink>
            {ended && (
              <Button variant="secondary" onClick={() => onPlan(undefined)}>
                Make a new plan
              </Button>
            )}
          </Stack>
        )}
      </Stack>
    </div>
  )
}

/** For the element that begins a step: the next one is seen, and read out, from its beginning. */
function useStepInView(step: Step) {
  const head = useRef<HTMLDivElement>(null)
  const before = useRef(step)
  useEffect(() => {
    const { current: element } = head
    const first = before.current === step
    before.current = step
    // Whoever watches the run stays where they look when it comes to its last step by itself.
    if (!element || step === 'verify') return
    if (element.getBoundingClientRect().top < BAR_PX) element.scrollIntoView()
    // What stood where the focus was is gone; a field that took it keeps it.
    if (!first && document.activeElement === document.body) element.focus({ preventScroll: true })
  }, [step])
  return head
}

const getStyles = () => ({ flow: css({ scrollMarginTop: BAR_PX, '&:focus': { outline: 'none' } }) })
