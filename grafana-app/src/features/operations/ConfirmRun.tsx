import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import {
  Alert,
  Button,
  Checkbox,
  Field,
  Input,
  Stack,
  Text,
  TextArea,
  TextLink,
  useStyles2,
} from '@grafana/ui'
import { useId, useState } from 'react'
import { useRunPlan } from '../../api/actions'
import type { Plan } from '../../api/contract'
import type { ApiError } from '../../api/errors'
import { usePermissions } from '../../api/permissions'
import { paths } from '../../app/paths'
import { ActionButton } from './ActionButton'
import { groupChanges } from './changes'
import { checksOf } from './checks'
import type { ActionKind } from './kind'
import { Lines } from './Lines'
import { RateNote } from './RateNote'

interface Props {
  readonly plan: Plan
  readonly kind: ActionKind
  /** Why nobody may run it; empty when they may. */
  readonly forbidden: string
  readonly onBack: () => void
}

/** The last look: what happens, what taking it back takes, the cluster's name typed again, and why. */
export function ConfirmRun({ plan, kind, forbidden, onBack }: Props) {
  const styles = useStyles2(getStyles)
  const id = useId()
  const [name, setName] = useState('')
  const [reason, setReason] = useState('')
  const run = useRunPlan(plan.id)
  const action = kind.action(plan)
  const changes = [...new Map(groupChanges(plan.changes ?? []).map(({ parameter, to }) => [parameter, to]))]
  const checks = checksOf(plan)
  const mayOverride = usePermissions({ kind: kind.name, cluster: plan.cluster }).override
  const [overridden, setOverridden] = useState<readonly string[]>([])
  const right = name === plan.cluster
  const complete = right && reason.trim() !== '' && checks.every((check) => overridden.includes(check))
  const dangerous = kind.dangers(plan).length > 0 || checks.length > 0

  return (
    <form
      aria-labelledby={`${id}title`}
      onSubmit={(event) => {
        event.preventDefault()
        if (complete && forbidden === '' && !run.isPending)
          run.mutate({
            confirm: name,
            hash: plan.hash ?? '',
            reason: reason.trim(),
            ...(checks.length > 0 && { override: checks }),
          })
      }}
    >
      <Stack direction="column" gap={2}>
        <Text element="h3" variant="h4" id={`${id}title`}>
          {`${action}?`}
        </Text>
        {changes.length > 1 && (
          <Lines
            label="What is set"
            lines={changes.map(([parameter, to]) => `${parameter} to ${kind.say(parameter, to)}`)}
          />
        )}
        <RateNote plan={plan} />
        {kind.dangers(plan).map((danger) => (
          <Alert key={danger} severity="error" title={danger} />
        ))}
        <p className={styles.text}>{kind.undoing(plan)}</p>
        <Field
          noMargin
          label="Cluster"
          description={
            <>
              Type the cluster’s name to confirm: <strong>{plan.cluster}</strong>
            </>
          }
          invalid={name !== '' && !right}
          error={`This is not ${plan.cluster}.`}
        >
          <Input
            id={`${id}name`}
            autoComplete="off"
            spellCheck={false}
            autoFocus
            width={40}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
        </Field>
        <Field noMargin label="Reason" description="For whoever reads the log later: a ticket, an incident.">
          <TextArea
            id={`${id}reason`}
            rows={2}
            maxLength={1000}
            className={styles.reason}
            value={reason}
            // The log takes one line.
            onChange={({ currentTarget }) => setReason(currentTarget.value.replace(/\p{Cc}+/gu, ' '))}
          />
        </Field>
        {checks.map((check) => (
          <div key={check}>
            <Checkbox
              label={`Override ${check} (dangerous)`}
              description={plan.blockers?.find((one) => one.check === check)?.reason ?? ''}
              disabled={!mayOverride.allowed}
              value={overridden.includes(check)}
              onChange={({ currentTarget: { checked } }) =>
                setOverridden((before) =>
                  checked ? [...before, check] : before.filter((other) => other !== check),
                )
              }
            />
          </div>
        ))}
        {checks.length > 0 && !mayOverride.allowed && (
          <p>{mayOverride.reason} The review has the command that runs it with a token of your own.</p>
        )}
        {run.error && <RunRefused error={run.error} />}
        <Stack wrap="wrap" alignItems="center">
          <ActionButton
            type="submit"
            variant={dangerous ? 'destructive' : 'primary'}
            forbidden={forbidden}
            pending={run.isPending}
            disabled={!complete}
          >
            {action}
          </ActionButton>
          <Button type="button" variant="secondary" onClick={onBack}>
            Back to the review
          </Button>
        </Stack>
      </Stack>
    </form>
  )
}

function RunRefused({ error }: { readonly error: ApiError }) {
  if (error.status === 0 || error.status >= 500)
    return (
      <Alert severity="warning" title="It is not known whether the run was accepted">
        {error.message} Press the button again: the same attempt never runs twice.
      </Alert>
    )
  const { operation } = error.members
  return (
    <Alert severity="error" title="The run was refused; nothing was touched">
      {error.message}{' '}
      {typeof operation === 'string' && (
        <TextLink href={paths.operation(operation)}>Look at that operation</TextLink>
      )}
    </Alert>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  text: css({ margin: 0, maxWidth: theme.spacing(90) }),
  reason: css({ maxWidth: theme.spacing(75) }),
})
