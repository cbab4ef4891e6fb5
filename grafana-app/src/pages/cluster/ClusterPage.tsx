import { LoadingPlaceholder } from '@grafana/ui'
import { Suspense, useEffect } from 'react'
import { Outlet, useLocation, useParams } from 'react-router-dom'
import { paths, type ClusterTab } from '../../app/paths'
import { Page } from '../../features/operations/Page'

/** What is looked at first comes first; without icons, so that most fit on a phone. */
const TABS: readonly (readonly [tab: ClusterTab, text: string])[] = [
  ['overview', 'Overview'],
  ['slots', 'Slots'],
  ['shards', 'Shards'],
  ['nodes', 'Nodes'],
  ['events', 'Events'],
  ['alerts', 'Alerts'],
  ['warmup', 'Warm up'],
  ['evict', 'Evict'],
]

/** The frame of a cluster's pages: its name and the tabs. */
export function ClusterPage() {
  const { cluster = '' } = useParams()
  const { pathname } = useLocation()
  // On a phone not all tabs are seen: the one that is open is.
  useEffect(() => {
    document
      .querySelector('[role=tab][aria-selected=true]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [pathname])
  return (
    <Page
      pageNav={{
        text: cluster,
        url: paths.cluster(cluster),
        children: TABS.map(([tab, text]) => ({
          text,
          url: paths.cluster(cluster, tab),
          active: isOn(pathname, cluster, tab),
        })),
      }}
    >
      <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
        <Outlet />
      </Suspense>
    </Page>
  )
}

/** On the page, or on one below it: a node is one of the nodes. */
function isOn(pathname: string, cluster: string, tab: ClusterTab): boolean {
  const path = paths.cluster(cluster, tab)
  return pathname === path || pathname.startsWith(`${path}/`)
}
