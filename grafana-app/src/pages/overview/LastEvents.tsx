import { EmptyState } from '@grafana/ui'
import { Loaded } from '../../components/states/Loaded'
import { EventList } from '../../features/events/EventList'
import { gather } from '../../features/events/gather'
import { choose, USUAL_LANES } from '../../features/events/filter'
import { useEventLog } from '../../features/events/useEventLog'

const SHOWN = 5
const CHOSEN = { lanes: USUAL_LANES, text: '' }

/** What changed just before? */
export function LastEvents({ cluster }: { readonly cluster: string }) {
  const log = useEventLog({ cluster, limit: 50 })
  return (
    <Loaded query={{ ...log, data: log.events }} what="the last events">
      {(events) =>
        events.length === 0 ? (
          <EmptyState variant="completed" hideImage message="Nothing has happened yet" />
        ) : (
          <EventList
            events={gather(choose(events, CHOSEN)).slice(0, SHOWN).flat()}
            context={events}
            label="Last events"
            ofOneCluster
          />
        )
      }
    </Loaded>
  )
}
