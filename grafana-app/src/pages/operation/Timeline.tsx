import { Button } from '@grafana/ui'
import { Loaded } from '../../components/states/Loaded'
import { EventList } from '../../features/events/EventList'
import { useEventLog } from '../../features/events/useEventLog'

/** What the log has of one operation, newest first, but for mere progress. */
export function Timeline({ id }: { readonly id: string }) {
  const log = useEventLog({ stream: `operation/${id}`, limit: 100 })
  return (
    <Loaded query={{ ...log, data: log.events }} what="the timeline">
      {(events) => (
        <>
          <EventList events={events} label="Timeline, newest first" ofOneCluster />
          {log.hasNextPage && (
            <Button
              variant="secondary"
              size="sm"
              disabled={log.isFetchingNextPage}
              onClick={() => void log.fetchNextPage()}
            >
              Older events
            </Button>
          )}
        </>
      )}
    </Loaded>
  )
}
