import { LoadingPlaceholder } from '@grafana/ui'
import { Suspense } from 'react'
import { Outlet, useLocation, useParams } from 'react-router-dom'
import { paths, type ClusterTab } from '../../app/paths'
import { Page } from '../../features/operations/Page'

/** Without icons, so that all fit on a phone. */
const TABS: readonly (readonly [tab: ClusterTab, text: string])[] = [
  ['overview', 'Overview'],
  ['events', 'Events'],
  ['warmup', 'Warm up'],
  ['evict', 'Evict'],
]

/** The frame of a cluster's pages: its name and the tabs. */
export function ClusterPage() {
  const { cluster = '' } = useParams()
  const { pathname } = useLocation()
  return (
    <Page
      pageNav={{
        text: cluster,
        url: paths.cluster(cluster),
        children: TABS.map(([tab, text]) => ({
          text,
          url: paths.cluster(cluster, tab),
          active: pathname.endsWith(`/${tab}`),
        })),
      }}
    >
      <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
        <Outlet />
      </Suspense>
    </Page>
  )
}
