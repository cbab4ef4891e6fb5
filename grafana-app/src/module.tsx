import './publicPath'
import { AppPlugin, type AppRootProps } from '@grafana/data'
import { LoadingPlaceholder } from '@grafana/ui'
import { lazy, Suspense } from 'react'
import type { AppSettings } from './app/settings'

const App = lazy(() => import('./app/App').then(({ App }) => ({ default: App })))
const Configuration = lazy(() =>
  import('./pages/configuration/Configuration').then(({ Configuration }) => ({ default: Configuration })),
)

/** What Grafana loads at its start: kept small, everything else comes when it is shown. */
export const plugin = new AppPlugin<AppSettings>()
  .setRootPage((props: AppRootProps<AppSettings>) => (
    <Suspense fallback={<LoadingPlaceholder text="Loading Slotwise…" />}>
      <App {...props} />
    </Suspense>
  ))
  .addConfigPage({
    title: 'Configuration',
    icon: 'cog',
    id: 'configuration',
    body: (props) => (
      <Suspense fallback={<LoadingPlaceholder text="Loading Slotwise…" />}>
        <Configuration {...props} />
      </Suspense>
    ),
  })
