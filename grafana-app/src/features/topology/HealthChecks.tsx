import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, TextLink, useStyles2 } from '@grafana/ui'
import { paths } from '../../app/paths'
import type { Health, Topology } from '../../api/contract'
import { Time } from '../../components/Time'
import { counted } from '../operations/text'
import { causesOf, checkName, isAdvisory, withoutName, type Cause, type Check } from './causes'
import { roleText, successorOf } from './nodes'

interface Props {
  readonly cluster: string
  readonly checks: Health['checks']
  /** So that what one dead node makes fail is told once; undefined while it is not known. */
  readonly shards?: Topology['shards'] | undefined
}

/** What the verdict rests on: what fails, by its causes, with what to do; checks that pass can be opened. */
export function HealthChecks({ cluster, checks, shards }: Props) {
  const styles = useStyles2(getStyles)
  const causes = causesOf(checks, shards)
  const passing = checks.filter(({ status }) => status === 'ok')
  return (
    <>
      {causes.length > 0 && (
        <ul className={styles.list} aria-label="Failing checks">
          {causes.map((cause) =>
            cause.nodes.length > 0 ? (
              <Gone key={cause.check.name} cluster={cluster} cause={cause} />
            ) : (
              <Row key={cause.check.name} cluster={cluster} check={cause.check} />
            ),
          )}
        </ul>
      )}
      {passing.length > 0 && (
        <details className={styles.passing}>
          <summary>
            <Icon name="check-circle" size="sm" aria-hidden />{' '}
            {passingText(passing.length, checks.length - passing.length)}
          </summary>
          <ul className={styles.list} aria-label="Passing checks">
            {passing.map((check) => (
              <Row key={check.name} cluster={cluster} check={check} />
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

/** Nodes that are gone, and what follows from that. */
function Gone({
  cluster,
  cause: { check, nodes, follow },
}: {
  readonly cluster: string
  readonly cause: Cause
}) {
  const styles = useStyles2(getStyles)
  return (
    <li className={styles.check} data-status="failing">
      <strong>
        <Icon name="exclamation-circle" size="sm" aria-hidden />{' '}
        {nodes.length === 1 ? '1 node does not answer' : `${counted(nodes.length, 'node')} do not answer`}
      </strong>
      <ul className={styles.nodes}>
        {nodes.map(({ node, shard, number }) => {
          const { instance, error } = node
          const successor = successorOf(node, shard)
          return (
            <li key={instance}>
              <TextLink href={paths.node(cluster, instance)}>{instance}</TextLink>, {roleText(node, shard)} of{' '}
              <TextLink href={paths.shard(cluster, shard.id)} color="primary">{`shard ${number}`}</TextLink>
              {error !== undefined && `: ${withoutName(error, instance)}`}
              {successor && (
                <div>
                  <TextLink href={paths.node(cluster, successor.instance)}>{successor.instance}</TextLink>{' '}
                  took over and serves its slots.
                </div>
              )}
            </li>
          )
        })}
      </ul>
      <Since check={check} />
      <div>To do: {check.todo}</div>
      {follow.length > 0 && (
        <>
          <div className={styles.because}>Because of it these checks fail, too:</div>
          <ul className={styles.nodes} aria-label="What follows from it">
            {follow.map(({ name, evidence }) => (
              <li key={name}>
                {checkName(name)}: {evidence}
              </li>
            ))}
          </ul>
        </>
      )}
    </li>
  )
}

/** Of these the page of the slots tells which. */
const OF_SLOTS: ReadonlySet<string> = new Set(['slots_covered', 'no_migrations'])

function Row({ cluster, check }: { readonly cluster: string; readonly check: Check }) {
  const styles = useStyles2(getStyles)
  const { name, status, evidence, todo } = check
  const advisory = status === 'failing' && isAdvisory(check)
  return (
    <li className={styles.check} data-status={advisory ? 'advisory' : status}>
      <strong>
        <Icon name={advisory ? 'exclamation-triangle' : ICONS[status]} size="sm" aria-hidden />{' '}
        {checkName(name)}
        <span className={styles.status}>
          {status === 'ok' ? ' passes' : advisory ? ' fails, worth knowing' : ' fails'}
        </span>
      </strong>
      <div>
        {evidence}
        {status === 'failing' && OF_SLOTS.has(name) && (
          <>
            .{' '}
            <TextLink href={paths.cluster(cluster, 'slots')} color="primary">
              Which slots
            </TextLink>
          </>
        )}
      </div>
      <Since check={check} />
      {todo !== '' && <div>To do: {todo}</div>}
    </li>
  )
}

const ICONS = { ok: 'check-circle', failing: 'exclamation-circle' } as const

function Since({ check: { since } }: { readonly check: Check }) {
  const styles = useStyles2(getStyles)
  if (since === undefined) return null
  return (
    <div className={styles.since}>
      since <Time at={since} />
    </div>
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
    '&[data-status=advisory]': {
      borderLeftColor: theme.colors.warning.main,
      background: theme.colors.warning.transparent,
    },
  }),
  nodes: css({
    margin: 0,
    paddingLeft: theme.spacing(2.5),
    '& > li': { listStyle: 'disc' },
  }),
  because: css({ marginTop: theme.spacing(0.5) }),
  status: css({ fontWeight: 'normal' }),
  since: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
  passing: css({
    marginTop: theme.spacing(1),
    summary: { cursor: 'pointer', padding: theme.spacing(0.5, 0) },
  }),
})
