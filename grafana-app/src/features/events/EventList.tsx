import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, IconButton, TextLink, useStyles2 } from '@grafana/ui'
import { useMemo } from 'react'
import { paths } from '../../app/paths'
import type { StoredEvent } from '../../api/contract'
import { Time } from '../../components/Time'
import { useUrlState } from '../../components/useUrlState'
import { EventDrawer } from './EventDrawer'
import { gather } from './gather'
import { LANES, laneOf, nameActor, runsIn, say, sayTogether, subjectOf, whoOf } from './sentences'

interface Props {
  readonly events: readonly StoredEvent[]
  /** What else was read: it tells of which kind the runs are. */
  readonly context?: readonly StoredEvent[]
  /** Name of the list, for those who hear it. */
  readonly label: string
  /** Leave out the cluster: the page is about one. */
  readonly ofOneCluster?: boolean
}

/** Events as sentences, in the order given; each with its raw form a click away, which the URL names. */
export function EventList({ events, context = events, label, ofOneCluster = false }: Props) {
  const styles = useStyles2(getStyles)
  const [openedId, setOpenedId] = useUrlState('event')
  const opened = openedId === '' ? undefined : events.find(({ id }) => id === openedId)
  const runs = useMemo(() => runsIn(context), [context])
  return (
    <>
      <ol className={styles.list} aria-label={label}>
        {gather(events).map((group) => (
          <Row
            key={group[0]!.id}
            group={group}
            runs={runs}
            ofOneCluster={ofOneCluster}
            onOpen={({ id }) => setOpenedId(id)}
          />
        ))}
      </ol>
      {opened && <EventDrawer event={opened} onClose={() => setOpenedId('')} />}
    </>
  )
}

interface RowProps {
  /** One, or several that are one piece of news. */
  readonly group: readonly StoredEvent[]
  readonly runs: ReturnType<typeof runsIn>
  readonly ofOneCluster: boolean
  readonly onOpen: (event: StoredEvent) => void
}

function Row({ group, runs, ofOneCluster, onOpen }: RowProps) {
  const styles = useStyles2(getStyles)
  const event = group[0]!
  const { text, tone } = group.length > 1 ? sayTogether(group) : say(event)
  const lane = LANES[laneOf(event)]
  const { operation, cluster: named } = subjectOf(event)
  const run = operation === undefined ? undefined : runs.get(operation)
  const cluster = named ?? run?.cluster
  const who = whoOf(event)
  return (
    <li className={styles.row} data-tone={tone}>
      <span className={styles.lane}>
        <Icon name={lane.icon} size="sm" aria-hidden /> {lane.text}
      </span>
      <span className={styles.time}>
        <Time at={event.time} />
      </span>
      <span className={styles.text}>
        {tone === 'bad' && <Icon name="exclamation-circle" size="sm" title="For the worse" />}
        {tone === 'warning' && <Icon name="exclamation-triangle" size="sm" title="Take notice" />}
        {tone === 'good' && <Icon name="check-circle" size="sm" title="For the better" />} {text}
        <span className={styles.about}>
          {who && <span>by {nameActor(who)}</span>}
          {!ofOneCluster && cluster !== undefined && (
            <TextLink href={paths.cluster(cluster)} variant="bodySmall">
              {cluster}
            </TextLink>
          )}
          {operation !== undefined &&
            (run?.ran === false ? (
              <span>{`plan ${operation.slice(0, 8)}, ${run.kind}, not run`}</span>
            ) : (
              <TextLink href={paths.operation(operation)} variant="bodySmall">
                {`${run?.kind ?? 'operation'} ${operation.slice(0, 8)}`}
              </TextLink>
            ))}
        </span>
        {group.length > 1 && (
          // What fails is read at once; that something passes is enough to know.
          <details open={tone === 'bad'}>
            <summary>Each of them</summary>
            <ul className={styles.each}>
              {group.map((one) => (
                <li key={one.id}>
                  {say(one).text} <Raw event={one} onOpen={onOpen} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </span>
      {group.length === 1 && <Raw event={event} onOpen={onOpen} />}
    </li>
  )
}

function Raw({ event, onOpen }: { readonly event: StoredEvent; readonly onOpen: RowProps['onOpen'] }) {
  return (
    <IconButton
      name="brackets-curly"
      size="md"
      tooltip="Show the event as it stands in the log"
      onClick={() => onOpen(event)}
    />
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  row: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(11)} ${theme.spacing(30)} minmax(0, 1fr) auto`,
    gap: theme.spacing(0.5, 2),
    alignItems: 'start',
    padding: theme.spacing(0.75, 1),
    borderLeft: `3px solid ${theme.colors.border.medium}`,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    '&:hover': { background: theme.colors.action.hover },
    '&[data-tone=bad]': { borderLeftColor: theme.colors.error.main },
    '&[data-tone=warning]': { borderLeftColor: theme.colors.warning.main },
    '&[data-tone=good]': { borderLeftColor: theme.colors.success.main },
    [theme.breakpoints.down('lg')]: {
      gridTemplateColumns: 'auto minmax(0, 1fr) auto',
      '& > :nth-child(3)': { gridColumn: '1 / 3', gridRow: 2 },
    },
  }),
  lane: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
  time: css({
    ...theme.typography.bodySmall,
    whiteSpace: 'nowrap',
    color: theme.colors.text.secondary,
    fontVariantNumeric: 'tabular-nums',
  }),
  text: css({ overflowWrap: 'anywhere', summary: { cursor: 'pointer', color: theme.colors.text.secondary } }),
  each: css({ margin: 0, paddingLeft: theme.spacing(2.5), '& > li': { listStyle: 'disc' } }),
  about: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    display: 'inline-flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1),
    marginLeft: theme.spacing(1),
  }),
})
