import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Alert, Button, ClipboardButton, Stack, Text, useStyles2 } from '@grafana/ui'
import type { Plan } from '../../api/contract'
import { usePlanSample } from '../../api/hooks'
import { usePermissions } from '../../api/permissions'
import { ActionButton } from './ActionButton'
import { ChangesTable } from './ChangesTable'
import { checksOf } from './checks'
import { CopyText } from '../../components/CopyText'
import { Figures, type FigureProps } from '../../components/Figure'
import { Heading } from './Heading'
import type { ActionKind } from './kind'
import { Lines } from './Lines'
import { RateNote } from './RateNote'
import { SampleTable, sampleKeys } from './SampleTable'
import { COUNTS } from './states'
import { bytes, count, duration, short } from './text'
import { useNow } from '../../components/useNow'

interface Props {
  readonly plan: Plan
  readonly kind: ActionKind
  /** Why nobody may run it; empty when they may. */
  readonly forbidden: string
  readonly onChange: () => void
  readonly onContinue: () => void
}

/** What a ready plan would do: first what could go wrong, then how much, then each thing. */
export function PlanReview({ plan, kind, forbidden, onChange, onContinue }: Props) {
  const styles = useStyles2(getStyles)
  return (
    <Stack direction="column" gap={2}>
      <Text element="h3" variant="h4">
        {kind.action(plan)}
      </Text>
      <PlanContents plan={plan} kind={kind} />
      <div className={styles.foot}>
        <Stack wrap="wrap" alignItems="center">
          <ActionButton forbidden={forbidden} onClick={onContinue}>
            Continue to confirm
          </ActionButton>
          <Button variant="secondary" onClick={onChange}>
            Change the plan
          </Button>
        </Stack>
        <PlanIdentity plan={plan} />
      </div>
    </Stack>
  )
}

/** Everything in a plan that is ready, or was. */
export function PlanContents({ plan, kind }: { readonly plan: Plan; readonly kind: ActionKind }) {
  const mayPlan = usePermissions({ kind: kind.name, cluster: plan.cluster }).plan.allowed
  const checks = checksOf(plan)
  const withheld = plan.sampleWithheld === true && kind.unit === 'keys'
  const { data: unveiled } = usePlanSample(plan.id, withheld && mayPlan)
  const sample = sampleKeys(unveiled ?? plan.sample ?? [])
  return (
    <Stack direction="column" gap={2}>
      {kind.dangers(plan).map((danger) => (
        <Alert key={danger} severity="error" title={danger} />
      ))}
      {plan.blockers?.map(({ check, node, reason, todo }) => (
        <Alert
          key={`${check} ${node ?? ''}`}
          severity="error"
          title={`Blocked by ${check}: ${node === undefined ? '' : `${node}: `}${reason}`}
        >
          To do: {todo}. It runs only when the check is overridden by its name, with a token that has the
          scope override: here where the plugin’s run token has it, else with the line below.
        </Alert>
      ))}
      {checks.length > 0 && plan.state === 'ready' && (
        <CopyText
          label="Command that overrides what blocks the run"
          text={`slotwise run ${plan.id} --confirm ${plan.cluster} --hash ${plan.hash ?? ''} --reason '…' --override ${checks.join(' ')}`}
        />
      )}
      {plan.warnings !== undefined && plan.warnings.length > 0 && (
        <Alert severity="warning" title="Before you run it">
          <Lines lines={plan.warnings} />
        </Alert>
      )}
      <RateNote plan={plan} />
      <Figures items={figuresOf(plan)} />
      {kind.Review && <kind.Review plan={plan} />}
      {plan.changes !== undefined && plan.changes.length > 0 && (
        <section aria-label="Changes">
          <ChangesTable changes={plan.changes} say={kind.say} />
        </section>
      )}
      {sample.length > 0 && (
        <section aria-label="Sample">
          <Heading>Some of the keys</Heading>
          <SampleTable sample={sample} />
        </section>
      )}
      {withheld && !mayPlan && <p>Names of keys are shown to those who may plan a {kind.noun}.</p>}
      {plan.keyPrefixes && (
        <p>Only keys that begin with {plan.keyPrefixes.join(' or ')}: the token permits no others.</p>
      )}
    </Stack>
  )
}

/** Of a plan, in the order they are shown; what else it counts comes behind. */
const PLANNED: Readonly<Record<string, readonly [label: string, say: (value: number) => string]>> = {
  keys: ['Keys', count],
  bytes: ['Data', bytes],
  changes: ['Changes', count],
  nodes: ['Nodes', count],
  total: ['All keys', count],
}

function figuresOf({ counts = {}, estimateSeconds = 0 }: Plan): readonly FigureProps[] {
  const names = [...Object.keys(PLANNED), ...Object.keys(COUNTS)]
  const rank = (name: string) => (names.indexOf(name) + names.length) % names.length
  return [
    ...Object.entries(counts)
      .sort(([a], [b]) => rank(a) - rank(b))
      .map(([name, value]) => {
        const [label, say] = PLANNED[name] ?? [COUNTS[name] ?? name, count]
        return { label, children: say(value) }
      }),
    { label: 'Takes about', children: duration(estimateSeconds) },
  ]
}

function PlanIdentity({ plan }: { readonly plan: Plan }) {
  const styles = useStyles2(getStyles)
  const now = useNow()
  const leftSeconds = plan.expiresAt === undefined ? undefined : (Date.parse(plan.expiresAt) - now) / 1000
  const hash = plan.hash ?? ''
  return (
    <p className={styles.identity}>
      Plan <code title={plan.id}>{short(plan.id)}</code>, hash <code title={hash}>{short(hash)}</code>
      <ClipboardButton
        variant="secondary"
        fill="text"
        size="sm"
        icon="copy"
        aria-label="Copy the plan's whole hash"
        getText={() => hash}
      />
      {leftSeconds !== undefined &&
        (leftSeconds > 0 ? `can be run for ${duration(leftSeconds)}` : 'has expired')}
    </p>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  foot: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: theme.spacing(1),
  }),
  identity: css({ margin: 0, color: theme.colors.text.secondary }),
})
