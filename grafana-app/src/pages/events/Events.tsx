import { PluginPage } from '@grafana/runtime'
import { EventLog } from '../../features/events/EventLog'

/** What happened in all clusters. */
export function Events() {
  return (
    <PluginPage subTitle="What happened in all clusters: what was seen, what people asked for, what was done.">
      <EventLog />
    </PluginPage>
  )
}

/** What happened in one cluster. */
export function ClusterEvents({ cluster }: { readonly cluster: string }) {
  return <EventLog cluster={cluster} />
}
