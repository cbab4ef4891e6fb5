import { EmptyState } from '@grafana/ui'
import { Loaded } from '../../components/states/Loaded'
import { EventList } from '../../features/events/EventList'
import { useEventLog } from '../../features/events/useEventLog'

const SHOWN = 5

/** What changed just before? */
export function LastEvents({ cluster }: { readonly cluster: string }) {
  const log = useEventLog({ cluster, limit: 20 })
  return (
    <Loaded query={{ ...log, data: log.events }} what="the last events">
      {(events) =>
        events.length === 0 ? (
          <EmptyState variant="completed" hideImage message="Nothing has happened yet" />
        ) : (
          <EventList events={events.slice(0, SHOWN)} label="Last events" ofOneCluster />
        )
      }
    </Loaded>
  )
}
