import { EventLog } from '../../features/events/EventLog'
import { Page } from '../../features/operations/Page'

/** What happened in all clusters. */
export function Events() {
  return (
    <Page subTitle="What happened in all clusters: what was seen, what people asked for, what was done.">
      <EventLog />
    </Page>
  )
}

/** What happened in one cluster. */
export function ClusterEvents({ cluster }: { readonly cluster: string }) {
  return <EventLog cluster={cluster} />
}
