import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, Icon, useStyles2, type IconName } from '@grafana/ui'
import { useQuery } from '@tanstack/react-query'
import { Section } from '../../components/Section'
import { testConnection, type Finding } from './connection'

interface Props {
  readonly prometheusUid: string | undefined
  /** The form has what is not saved: a test would be of something else. */
  readonly unsaved: boolean
  /** Begin at once: it was just saved. */
  readonly atOnce: boolean
}

const STATUS: Readonly<Record<Finding['status'], { icon: IconName; text: string }>> = {
  ok: { icon: 'check-circle', text: 'OK' },
  warning: { icon: 'exclamation-triangle', text: 'Warning' },
  failed: { icon: 'times-circle', text: 'Failed' },
}

/** Tests what is saved: the exporter, each token, the data source. */
export function ConnectionTest({ prometheusUid, unsaved, atOnce }: Props) {
  const styles = useStyles2(getStyles)
  const { data, isFetching, refetch } = useQuery({
    queryKey: ['connection', prometheusUid],
    queryFn: () => testConnection(prometheusUid),
    enabled: atOnce,
    refetchOnWindowFocus: false,
    staleTime: Infinity,
  })
  return (
    <Section title="Connection">
      <Button
        variant="secondary"
        icon={isFetching ? 'spinner' : 'plug'}
        disabled={isFetching || unsaved}
        onClick={() => void refetch()}
      >
        Test connection
      </Button>
      {unsaved && <p>Save first: the test is of what is saved.</p>}
      <div role="status" aria-label="Result of the test" className={styles.result}>
        {isFetching && <p>Testing…</p>}
        {!isFetching && data && (
          <dl className={styles.list}>
            {data.map(({ name, status, text }) => (
              <div key={name} className={styles.finding} data-status={status}>
                <dt>{name}</dt>
                <dd>
                  <Icon name={STATUS[status].icon} size="sm" aria-hidden /> {STATUS[status].text}: {text}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </Section>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  result: css({ marginTop: theme.spacing(2) }),
  list: css({ margin: 0, display: 'grid', gap: theme.spacing(0.5) }),
  finding: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(14)} minmax(0, 1fr)`,
    gap: theme.spacing(1),
    padding: theme.spacing(0.5, 1),
    borderLeft: `3px solid ${theme.colors.success.main}`,
    '&[data-status=warning]': { borderLeftColor: theme.colors.warning.main },
    '&[data-status=failed]': { borderLeftColor: theme.colors.error.main },
    'dd, dt': { margin: 0, overflowWrap: 'anywhere' },
    [theme.breakpoints.down('sm')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
})
