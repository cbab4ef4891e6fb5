import { PluginPage } from '@grafana/runtime'

export function Operations() {
  return <PluginPage>Operations</PluginPage>
}
