import { EventBusSrv, setTimeZoneResolver } from '@grafana/data'
import {
  config,
  FakeEchoSrv,
  setAppEvents,
  setBackendSrv,
  setChromeHeaderHeightHook,
  setCurrentUser,
  setDataSourceSrv,
  setEchoSrv,
  setMegaMenuOpenHook,
  setPluginComponentHook,
  setPluginComponentsHook,
  setPluginFunctionsHook,
  setPluginImportUtils,
  setPluginLinksHook,
  setReturnToPreviousHook,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime'
import { initializeLoggersRegistry } from '@grafana-deep/runtime/services/logging/registry.mjs'
import { setPanelDataErrorView } from '@grafana-deep/runtime/components/PanelDataErrorView.mjs'
import { setPluginPage } from '@grafana-deep/runtime/components/PluginPage.mjs'
import { setDataSourcePluginImporter } from '@grafana-deep/runtime/services/dataSource/dataSource.mjs'
import { initDataSourceInstanceSettings } from '@grafana-deep/runtime/services/dataSource/settings.mjs'
import { initializeI18n } from '@grafana-deep/i18n/i18n.mjs'
import type { Boot } from '../../../../stack/src/preview/boot'
import { HEADER_HEIGHT } from '../chrome/Header'
import { PluginPage } from '../chrome/PluginPage'
import type { PanelPlugins } from '../loader'
import { NoData } from '../panels/NoData'
import { PreviewBackendSrv } from './backendSrv'
import { instanceSettings, PreviewDataSourceSrv, prometheusPlugin } from './dataSources'
import { fillRegistries } from './fieldConfig'
import { runRequest } from './runRequest'
import { templateSrv } from './templateSrv'

/** Everything that Grafana's core sets while it starts and its packages cannot be without. */
export async function setSingletons({ user, dataSources }: Boot, panels: PanelPlugins): Promise<void> {
  await initializeI18n({ language: 'en-US', ns: ['grafana'] })
  initializeLoggersRegistry()
  setTimeZoneResolver(() => 'browser')
  setEchoSrv(new FakeEchoSrv())
  const appEvents = new EventBusSrv()
  setAppEvents(appEvents)
  setBackendSrv(new PreviewBackendSrv(appEvents))
  setTemplateSrv(templateSrv)
  setCurrentUser({ ...config.bootData.user, ...user })

  setDataSourceSrv(new PreviewDataSourceSrv(dataSources))
  setDataSourcePluginImporter(() => Promise.resolve(prometheusPlugin))
  const settings = dataSources.map((source) => [source.name, instanceSettings(source)] as const)
  initDataSourceInstanceSettings(Object.fromEntries(settings), config.defaultDatasource)
  setRunRequest(runRequest)

  fillRegistries()
  setPluginImportUtils(panels)
  setPluginPage(PluginPage)
  setPanelDataErrorView(NoData)
  setChromeHeaderHeightHook(() => HEADER_HEIGHT)
  setMegaMenuOpenHook(() => [true, () => undefined, true] as never)
  setReturnToPreviousHook(() => () => undefined)

  setPluginLinksHook(() => ({ isLoading: false, links: [] }))
  setPluginComponentsHook(() => ({ isLoading: false, components: [] }))
  setPluginComponentHook(() => ({ isLoading: false, component: null }))
  setPluginFunctionsHook(() => ({ isLoading: false, functions: [] }))
}
