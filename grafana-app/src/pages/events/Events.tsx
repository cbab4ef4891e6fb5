import { PluginPage } from '@grafana/runtime'

export function Events() {
  return <PluginPage>Events</PluginPage>
}

export function ClusterEvents({ cluster }: { readonly cluster: string }) {
  return <p>{cluster}</p>
}
