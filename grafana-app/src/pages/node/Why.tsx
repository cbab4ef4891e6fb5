import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, LoadingPlaceholder, useStyles2 } from '@grafana/ui'
import { Link } from 'react-router-dom'
import { useNow } from '../../components/useNow'
import { whyNode, type Known } from './why'

const ICONS = { bad: 'exclamation-circle', warning: 'exclamation-triangle', plain: 'history' } as const

interface Props {
  readonly known: Omit<Known, 'nowMs'>
  /** Not everything that may tell of it has answered yet. */
  readonly waiting: boolean
  /** What could not be read. */
  readonly unread: readonly string[]
  /** How many it was compared with. */
  readonly peers: number
}

/** What tells this node from others, worst first. */
export function Why({ known, waiting, unread, peers }: Props) {
  const styles = useStyles2(getStyles)
  const reasons = whyNode({ ...known, nowMs: useNow() })
  if (reasons.length === 0 && waiting)
    return <LoadingPlaceholder text="Asking Prometheus and the exporter…" />
  if (reasons.length === 0)
    return (
      <p>
        <Icon
          name={known.beside && unread.length === 0 ? 'check-circle' : 'question-circle'}
          size="sm"
          aria-hidden
        />{' '}
        Nothing is wrong with it, as far as is known
        {known.beside
          ? peers > 1
            ? ', and it is like its peers.'
            : '; it has too few peers to compare.'
          : '.'}
        {unread.length > 0 && ` Could not be read: ${unread.join(', ')}.`}
      </p>
    )
  return (
    <ul className={styles.list} aria-label="Why this node">
      {reasons.map(({ tone, text, evidence, part }) => (
        <li key={text} className={styles.reason} data-tone={tone}>
          <Icon name={ICONS[tone]} size="sm" aria-hidden /> <strong>{text}</strong>
          {evidence !== undefined && <span className={styles.evidence}>{evidence}</span>}
          {part !== undefined && part !== '' && (
            <Link to={{ search: `part=${part}` }} className={styles.link}>
              Show
            </Link>
          )}
        </li>
      ))}
    </ul>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: theme.spacing(0.75) }),
  reason: css({
    padding: theme.spacing(0.5, 1.5),
    borderLeft: `3px solid ${theme.colors.border.strong}`,
    overflowWrap: 'anywhere',
    '& > strong': { fontWeight: theme.typography.fontWeightMedium },
    '&[data-tone=bad]': {
      borderLeftColor: theme.colors.error.main,
      background: theme.colors.error.transparent,
    },
    '&[data-tone=warning]': {
      borderLeftColor: theme.colors.warning.main,
      background: theme.colors.warning.transparent,
    },
  }),
  evidence: css({ marginLeft: theme.spacing(1) }),
  link: css({ marginLeft: theme.spacing(1), color: theme.colors.text.link, textDecoration: 'underline' }),
})
