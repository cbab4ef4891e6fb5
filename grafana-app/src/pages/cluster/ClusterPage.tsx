import { PluginPage } from '@grafana/runtime'
import { LoadingPlaceholder } from '@grafana/ui'
import { Suspense } from 'react'
import { Outlet, useLocation, useParams } from 'react-router-dom'
import { paths, type ClusterTab } from '../../app/paths'

const TABS: readonly (readonly [
  tab: ClusterTab,
  text: string,
  icon: 'heart-rate' | 'history' | 'fire' | 'trash-alt',
])[] = [
  ['overview', 'Overview', 'heart-rate'],
  ['events', 'Events', 'history'],
  ['warmup', 'Warm up', 'fire'],
  ['evict', 'Evict', 'trash-alt'],
]

/** The frame of a cluster's pages: its name and the tabs. */
export function ClusterPage() {
  const { cluster = '' } = useParams()
  const { pathname } = useLocation()
  return (
    <PluginPage
      pageNav={{
        text: cluster,
        url: paths.cluster(cluster),
        children: TABS.map(([tab, text, icon]) => ({
          text,
          icon,
          url: paths.cluster(cluster, tab),
          active: pathname.endsWith(`/${tab}`),
        })),
      }}
    >
      <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
        <Outlet />
      </Suspense>
    </PluginPage>
  )
}
