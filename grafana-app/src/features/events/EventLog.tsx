import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, Combobox, EmptyState, FilterInput, FilterPill, useStyles2 } from '@grafana/ui'
import { useEffect, useId } from 'react'
import { Filters } from '../../components/Filters'
import { LiveState } from '../../components/LiveState'
import { Loaded } from '../../components/states/Loaded'
import { Time } from '../../components/Time'
import { useNow } from '../../components/useNow'
import { useUrlState } from '../../components/useUrlState'
import { counted } from '../operations/text'
import { EventList } from './EventList'
import { ALL_LANES, choose, isSince, parseLanes, SINCE, writeLanes } from './filter'
import { LANES } from './sentences'
import { useEventLog } from './useEventLog'

interface Props {
  /** Events of this cluster and of its operations; absent: all. */
  readonly cluster?: string
}

const SINCE_OPTIONS = [
  { value: '', label: 'Any time' },
  ...Object.entries(SINCE).map(([value, { text }]) => ({ value, label: text })),
]

/** The event log with its filters, which stand in the URL. */
export function EventLog({ cluster }: Props) {
  const styles = useStyles2(getStyles)
  const sinceId = useId()
  const [laneText, setLanes] = useUrlState('lanes')
  const [text, setText] = useUrlState('q')
  const [since, setSince] = useUrlState('since')
  const log = useEventLog({ cluster, limit: 200 })
  const lanes = parseLanes(laneText)
  const now = useNow()
  const notBefore = isSince(since) ? now - SINCE[since].ms : undefined
  const { events, hasNextPage, isFetchingNextPage, fetchNextPage } = log
  const oldest = events?.at(-1)
  const reachesBack =
    notBefore === undefined || oldest === undefined || Date.parse(oldest.time) < notBefore || !hasNextPage

  useEffect(() => {
    if (!reachesBack && !isFetchingNextPage) void fetchNextPage()
  }, [reachesBack, isFetchingNextPage, fetchNextPage])

  return (
    <>
      <Filters label="Filter the events">
        <FilterInput
          aria-label="Text in events"
          placeholder="Text, node, person, operation"
          value={text}
          onChange={setText}
          width={34}
        />
        <div className={styles.since}>
          <label htmlFor={sinceId}>Since</label>
          <Combobox
            id={sinceId}
            options={SINCE_OPTIONS}
            value={isSince(since) ? since : ''}
            onChange={({ value }) => setSince(value)}
            width={20}
          />
        </div>
        <div className={styles.lanes} role="group" aria-label="Kinds of events">
          {ALL_LANES.map((lane) => (
            <FilterPill
              key={lane}
              label={LANES[lane].text}
              selected={lanes.includes(lane)}
              onClick={() =>
                setLanes(
                  writeLanes(
                    lanes.includes(lane) ? lanes.filter((other) => other !== lane) : [...lanes, lane],
                  ),
                )
              }
            />
          ))}
        </div>
        <LiveState state={log.state} />
      </Filters>
      <Loaded query={{ ...log, data: events }} what="the events">
        {(all) => {
          const shown = choose(all, { lanes, text, notBefore })
          return (
            <>
              {shown.length > 0 ? (
                <EventList
                  events={shown}
                  context={all}
                  label="Events, newest first"
                  ofOneCluster={cluster !== undefined}
                />
              ) : (
                <EmptyState
                  variant="not-found"
                  message={all.length === 0 ? 'Nothing has happened yet' : 'No event matches'}
                >
                  {all.length > 0 &&
                    'Choose other kinds, another time or another text, or look further back.'}
                </EmptyState>
              )}
              <div className={styles.foot}>
                {hasNextPage && (
                  <Button
                    variant="secondary"
                    icon={isFetchingNextPage ? 'spinner' : 'angle-down'}
                    disabled={isFetchingNextPage}
                    onClick={() => void fetchNextPage()}
                  >
                    Older events
                  </Button>
                )}
                {oldest && (
                  <span>
                    {counted(shown.length, 'event')} shown of {counted(all.length, 'event')} read, back to{' '}
                    <Time at={oldest.time} />
                    {!hasNextPage && ', where the log begins'}
                  </span>
                )}
              </div>
            </>
          )
        }}
      </Loaded>
    </>
  )
}

const getStyles = (theme: GrafanaTheme2) => ({
  since: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1) }),
  lanes: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) }),
  foot: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(2),
    padding: theme.spacing(2, 0),
    color: theme.colors.text.secondary,
  }),
})
