import type { PluginConfigPageProps, AppPluginMeta } from '@grafana/data'
import type { AppSettings } from '../../app/settings'

export function Configuration({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  return <p>The control API is at {plugin.meta.jsonData?.apiUrl ?? 'no address yet'}.</p>
}
