import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'

export type Tone = 'good' | 'warning' | 'bad' | 'neutral'

interface Props {
  /** What it measures, for those who hear it. */
  readonly label: string
  /** 0 to 1. */
  readonly share: number
  /** The same in words; the bar never stands alone. */
  readonly text: string
  readonly tone?: Tone
  /** A task that goes on, rather than a level. */
  readonly progress?: boolean
  /** Its words stand beside the bar, not below. */
  readonly beside?: boolean
}

/** A bar with its figure in words: how far a task is, or how full something is. */
export function Meter({ label, share, text, tone = 'neutral', progress = false, beside = false }: Props) {
  const styles = useStyles2(getStyles)
  const width = Math.min(1, Math.max(0, share)) * 100
  return (
    <div className={styles.meter} data-beside={beside}>
      <div
        role={progress ? 'progressbar' : 'meter'}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(width)}
        aria-valuetext={text}
        className={styles.track}
      >
        <div className={styles.bar} data-tone={tone} style={{ width: `${width}%` }} />
      </div>
      <span className={styles.text}>{text}</span>
    </div>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  meter: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.25),
    minWidth: theme.spacing(14),
    '&[data-beside=true]': {
      flexDirection: 'row',
      alignItems: 'center',
      gap: theme.spacing(1),
      '& > :first-child': { flex: 1 },
      '& > :last-child': { minWidth: theme.spacing(7), textAlign: 'right' },
    },
  }),
  track: css({
    height: theme.spacing(1),
    borderRadius: theme.shape.radius.pill,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.medium}`,
    overflow: 'hidden',
  }),
  bar: css({
    height: '100%',
    background: theme.colors.primary.main,
    '&[data-tone=good]': { background: theme.colors.success.main },
    '&[data-tone=warning]': { background: theme.colors.warning.main },
    '&[data-tone=bad]': { background: theme.colors.error.main },
    [theme.transitions.handleMotion('no-preference')]: {
      transition: theme.transitions.create('width', { duration: theme.transitions.duration.standard }),
    },
  }),
  text: css({
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'nowrap',
  }),
})
