import type { AppPluginMeta } from '@grafana/data'
import { getBackendSrv } from '@grafana/runtime'
import type { BootPlugin } from '../../../stack/src/preview/boot'
import { pluginMeta } from './loader'

/** The app's meta with its settings, as Grafana gives it to the plugin. */
export async function loadSettings(plugin: BootPlugin): Promise<AppPluginMeta> {
  const settings = await getBackendSrv().get<object>(`/api/plugins/${plugin.id}/settings`)
  const module = `/public/plugins/${plugin.id}/module.js`
  return { ...pluginMeta(plugin, module), ...settings, module } as unknown as AppPluginMeta
}
