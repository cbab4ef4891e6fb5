import { PluginContextProvider, type AppPlugin } from '@grafana/data'
import { hasPermission, locationSearchToObject } from '@grafana/runtime'
import { EmptyState } from '@grafana/ui'
import { useLocation } from 'react-router-dom-v5-compat'
import { PluginPage } from '../chrome/PluginPage'

/** /plugins/<id>: the configuration pages that the app adds, one a tab. */
export function ConfigurationPage({ plugin }: { plugin: AppPlugin }) {
  const { pathname, search } = useLocation()
  const query = locationSearchToObject(search)
  const pages = plugin.configPages ?? []
  const shown = pages.find(({ id }) => id === query.page) ?? pages[0]
  const children = pages.map(({ id, title, icon }) => ({
    text: title,
    icon,
    url: `${pathname}?page=${id}`,
    active: id === shown?.id,
  }))
  const pageNav = { text: plugin.meta.name, subTitle: plugin.meta.info.description, children }
  if (!hasPermission('plugins:write'))
    return (
      <PluginPage pageNav={{ text: plugin.meta.name }}>
        <EmptyState variant="not-found" message="Only an administrator may configure plugins." />
      </PluginPage>
    )
  const Body = shown?.body
  return (
    <PluginContextProvider meta={plugin.meta}>
      <PluginPage pageNav={pageNav}>{Body && <Body plugin={plugin} query={query} />}</PluginPage>
    </PluginContextProvider>
  )
}
