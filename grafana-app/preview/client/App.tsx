import { css, Global } from '@emotion/react'
import { getThemeById, ThemeContext, type AppPlugin } from '@grafana/data'
import { GlobalStyles } from '@grafana-deep/ui/themes/GlobalStyles/GlobalStyles.mjs'
import { config, LocationServiceProvider, locationService } from '@grafana/runtime'
import { ErrorBoundaryAlert, ModalRoot, ModalsProvider, PortalContainer } from '@grafana/ui'
import { useLayoutEffect, useState } from 'react'
import {
  Navigate,
  Route,
  Router,
  Routes,
  type Location,
  type NavigationType,
  type Navigator,
} from 'react-router-dom-v5-compat'
import type { Boot } from '../../../stack/src/preview/boot'
import { Header } from './chrome/Header'
import { Layout } from './chrome/Layout'
import { BootContext } from './chrome/bootContext'
import { Nav } from './chrome/Nav'
import { Toasts } from './chrome/Toasts'
import { AppPage } from './pages/AppPage'
import { ConfigurationPage } from './pages/ConfigurationPage'
import { NotFound } from './pages/NotFound'
import { PanelsPage } from './pages/PanelsPage'
import { PANELS_PATH } from './pages/paths'

/** What Grafana's style sheet resets and its packages take for granted. */
const reset = css({
  body: { margin: 0 },
  'button, input, select, textarea': { margin: 0, font: 'inherit', lineHeight: 'inherit' },
  table: { borderCollapse: 'collapse' },
  a: { textDecoration: 'none' },
  'ul, ol': { paddingLeft: 0 },
})

export function App({ boot, plugin }: { boot: Boot; plugin: AppPlugin }) {
  const { id, includes } = boot.plugin
  const home = includes.find(({ defaultNav }) => defaultNav)?.path ?? `/a/${id}`
  return (
    <BootContext.Provider value={boot}>
      <ThemeContext.Provider value={getThemeById(config.bootData.user.theme)}>
        <Global styles={reset} />
        <GlobalStyles />
        <LocationServiceProvider service={locationService}>
          <HistoryRouter>
            <ModalsProvider>
              <Layout header={(toggle) => <Header onToggleNav={toggle} />} nav={<Nav />}>
                <ErrorBoundaryAlert boundaryName="preview-page">
                  <Routes>
                    <Route path="/" element={<Navigate to={home} replace />} />
                    <Route path={`/a/${id}/*`} element={<AppPage plugin={plugin} />} />
                    <Route path={`/plugins/${id}`} element={<ConfigurationPage plugin={plugin} />} />
                    <Route path={PANELS_PATH} element={<PanelsPage />} />
                    <Route path="*" element={<NotFound />} />
                  </Routes>
                </ErrorBoundaryAlert>
              </Layout>
              <ModalRoot />
              <Toasts />
              <PortalContainer />
            </ModalsProvider>
          </HistoryRouter>
        </LocationServiceProvider>
      </ThemeContext.Provider>
    </BootContext.Provider>
  )
}

/** Grafana's history, as far as the router needs it: the package's types are not installed. */
interface HistoryV4 extends Omit<Navigator, 'createHref' | 'go' | 'push' | 'replace'> {
  location: Location
  action: NavigationType
  listen(listener: (location: Location, action: NavigationType) => void): () => void
}

/** The router of version 6 on Grafana's history of version 4, as Grafana itself couples them. */
function HistoryRouter({ children }: { children: React.ReactNode }) {
  const history = locationService.getHistory() as HistoryV4
  const [{ location, action }, setState] = useState({ location: history.location, action: history.action })
  useLayoutEffect(() => history.listen((location, action) => setState({ location, action })), [history])
  return (
    <Router location={location} navigationType={action} navigator={history as unknown as Navigator}>
      {children}
    </Router>
  )
}
