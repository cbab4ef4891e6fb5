import { PluginContextProvider, type AppPlugin } from '@grafana/data'
import { locationSearchToObject } from '@grafana/runtime'
import { ErrorBoundaryAlert } from '@grafana/ui'
import { useLocation } from 'react-router-dom-v5-compat'
import { NotFound } from './NotFound'

/** All pages of the app: it routes below /a/<id> itself. */
export function AppPage({ plugin }: { plugin: AppPlugin }) {
  const { pathname, search } = useLocation()
  const { root: Root, meta } = plugin
  if (!Root) return <NotFound />
  return (
    <PluginContextProvider meta={meta}>
      <ErrorBoundaryAlert boundaryName="preview-plugin">
        <Root
          meta={meta}
          basename={`/a/${meta.id}`}
          path={pathname}
          query={locationSearchToObject(search)}
          onNavChanged={() => undefined}
        />
      </ErrorBoundaryAlert>
    </PluginContextProvider>
  )
}
