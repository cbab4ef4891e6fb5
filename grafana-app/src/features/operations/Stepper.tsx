import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, useStyles2 } from '@grafana/ui'
import { reachable, STEPS, type Step } from './steps'

const LABELS: Readonly<Record<Step, string>> = {
  plan: 'Plan',
  review: 'Review',
  confirm: 'Confirm',
  run: 'Run',
  verify: 'Verify',
}

interface Props {
  readonly current: Step
  /** The last step is done, too. */
  readonly complete: boolean
  readonly onStep: (step: Step) => void
}

/** Where the action is on its way from plan to proof. @grafana/ui has no stepper. */
export function Stepper({ current, complete, onStep }: Props) {
  const styles = useStyles2(getStyles)
  const at = STEPS.indexOf(current)
  const back = reachable(current)
  return (
    <nav aria-label="Steps of the action">
      <ol className={styles.list}>
        {STEPS.map((step, index) => {
          const done = index < at || complete
          const content = (
            <>
              <span className={styles.mark} data-done={done} data-current={index === at}>
                {done ? <Icon name="check" size="sm" aria-hidden /> : index + 1}
              </span>
              <span className={styles.label}>
                {LABELS[step]}
                {done && <span className="sr-only"> (done)</span>}
              </span>
            </>
          )
          return (
            <li key={step} className={styles.step} aria-current={index === at ? 'step' : undefined}>
              {back.includes(step) ? (
                <button type="button" className={styles.back} onClick={() => onStep(step)}>
                  {content}
                </button>
              ) : (
                content
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1, 3),
    listStyle: 'none',
    margin: 0,
    padding: 0,
  }),
  step: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    color: theme.colors.text.secondary,
    '&[aria-current=step]': {
      color: theme.colors.text.primary,
      fontWeight: theme.typography.fontWeightMedium,
    },
  }),
  label: css({ whiteSpace: 'nowrap' }),
  mark: css({
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    width: theme.spacing(3),
    height: theme.spacing(3),
    borderRadius: theme.shape.radius.circle,
    border: `1px solid ${theme.colors.border.strong}`,
    fontSize: theme.typography.bodySmall.fontSize,
    '&[data-done=true]': {
      borderColor: theme.colors.success.border,
      color: theme.colors.success.text,
    },
    '&[data-current=true]:not([data-done=true])': {
      background: theme.colors.primary.main,
      borderColor: theme.colors.primary.main,
      color: theme.colors.primary.contrastText,
    },
  }),
  back: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: 0,
    border: 0,
    background: 'none',
    color: theme.colors.text.link,
    '&:hover': { textDecoration: 'underline' },
  }),
})
