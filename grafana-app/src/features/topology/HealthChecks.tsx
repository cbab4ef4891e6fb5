import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, useStyles2 } from '@grafana/ui'
import type { Health } from '../../api/contract'
import { Time } from '../../components/Time'

type Check = Health['checks'][number]

/** `slots_covered` as `Slots covered`. */
const checkName = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

/** What the verdict rests on: failing checks first, with what to do; those that pass can be opened. */
export function HealthChecks({ checks }: Pick<Health, 'checks'>) {
  const styles = useStyles2(getStyles)
  const failing = checks.filter(({ status }) => status === 'failing')
  const passing = checks.filter(({ status }) => status === 'ok')
  return (
    <>
      {failing.length > 0 && (
        <ul className={styles.list} aria-label="Failing checks">
          {failing.map((check) => (
            <Row key={check.name} check={check} />
          ))}
        </ul>
      )}
      {passing.length > 0 && (
        <details className={styles.passing}>
          <summary>
            <Icon name="check-circle" size="sm" aria-hidden /> {passingText(passing.length, failing.length)}
          </summary>
          <ul className={styles.list} aria-label="Passing checks">
            {passing.map((check) => (
              <Row key={check.name} check={check} />
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function passingText(passing: number, failing: number): string {
  if (passing === 1) return '1 check passes'
  return failing === 0 ? `All ${passing} checks pass` : `${passing} checks pass`
}

function Row({ check: { name, status, evidence, since, todo } }: { readonly check: Check }) {
  const styles = useStyles2(getStyles)
  return (
    <li className={styles.check} data-status={status}>
      <strong>
        <Icon name={status === 'ok' ? 'check-circle' : 'exclamation-circle'} size="sm" aria-hidden />{' '}
        {checkName(name)}
        <span className={styles.status}>{status === 'ok' ? ' passes' : ' fails'}</span>
      </strong>
      <div>{evidence}</div>
      {since !== undefined && (
        <div className={styles.since}>
          since <Time at={since} />
        </div>
      )}
      {todo !== '' && <div>To do: {todo}</div>}
    </li>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: theme.spacing(1) }),
  check: css({
    padding: theme.spacing(0.5, 1.5),
    borderLeft: `3px solid ${theme.colors.success.main}`,
    overflowWrap: 'anywhere',
    '&[data-status=failing]': {
      borderLeftColor: theme.colors.error.main,
      background: theme.colors.error.transparent,
    },
  }),
  status: css({ fontWeight: 'normal' }),
  since: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
  passing: css({
    marginTop: theme.spacing(1),
    summary: { cursor: 'pointer', padding: theme.spacing(0.5, 0) },
  }),
})
