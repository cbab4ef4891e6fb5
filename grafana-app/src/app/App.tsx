import type { AppRootProps } from '@grafana/data'
import { LoadingPlaceholder } from '@grafana/ui'
import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Navigate, Route, Routes, useParams } from 'react-router-dom'
import { queryClient } from '../api/queryClient'
import { useLiveQueries } from '../api/useEventStream'
import { ErrorBoundary } from './ErrorBoundary'
import { SettingsContext, type AppSettings } from './settings'

const Clusters = lazy(() => import('../pages/clusters/Clusters').then((m) => ({ default: m.Clusters })))
const ClusterPage = lazy(() =>
  import('../pages/cluster/ClusterPage').then((m) => ({ default: m.ClusterPage })),
)
const Overview = lazy(() => import('../pages/overview/Overview').then((m) => ({ default: m.Overview })))
const Shards = lazy(() => import('../pages/shards/Shards').then((m) => ({ default: m.Shards })))
const Slots = lazy(() => import('../pages/slots/Slots').then((m) => ({ default: m.Slots })))
const Nodes = lazy(() => import('../pages/nodes/Nodes').then((m) => ({ default: m.Nodes })))
const Node = lazy(() => import('../pages/node/Node').then((m) => ({ default: m.Node })))
const ClusterEvents = lazy(() => import('../pages/events/Events').then((m) => ({ default: m.ClusterEvents })))
const Events = lazy(() => import('../pages/events/Events').then((m) => ({ default: m.Events })))
const Alerts = lazy(() => import('../pages/alerts/Alerts').then((m) => ({ default: m.Alerts })))
const WarmUp = lazy(() => import('../pages/warmup/WarmUp').then((m) => ({ default: m.WarmUp })))
const Evict = lazy(() => import('../pages/evict/Evict').then((m) => ({ default: m.Evict })))
const Operations = lazy(() =>
  import('../pages/operations/Operations').then((m) => ({ default: m.Operations })),
)
const OperationPage = lazy(() =>
  import('../pages/operation/OperationPage').then((m) => ({ default: m.OperationPage })),
)
const NotFound = lazy(() => import('../pages/not-found/NotFound').then((m) => ({ default: m.NotFound })))

/** All pages of the app. */
export function App({ meta }: AppRootProps<AppSettings>) {
  return (
    // Not <SettingsContext>, which takes React 19: Grafana before 13.2 brings React 18.
    <SettingsContext.Provider value={meta.jsonData ?? {}}>
      <QueryClientProvider client={queryClient}>
        <ErrorBoundary>
          <Suspense fallback={<LoadingPlaceholder text="Loading Slotwise…" />}>
            <Pages />
          </Suspense>
        </ErrorBoundary>
      </QueryClientProvider>
    </SettingsContext.Provider>
  )
}

function Pages() {
  useLiveQueries()
  return (
    <Routes>
      <Route index element={<Navigate to="clusters" replace />} />
      <Route path="clusters" element={<Clusters />} />
      <Route path="clusters/:cluster" element={<ClusterPage />}>
        <Route index element={<Navigate to="overview" replace />} />
        <Route path="overview" element={<OfCluster page={Overview} />} />
        <Route path="slots" element={<OfCluster page={Slots} />} />
        <Route path="shards" element={<OfCluster page={Shards} />} />
        <Route path="nodes" element={<OfCluster page={Nodes} />} />
        <Route path="nodes/:instance" element={<OfNode />} />
        <Route path="events" element={<OfCluster page={ClusterEvents} />} />
        <Route path="alerts" element={<OfCluster page={Alerts} />} />
        <Route path="warmup" element={<OfCluster page={WarmUp} />} />
        <Route path="evict" element={<OfCluster page={Evict} />} />
      </Route>
      <Route path="operations" element={<Operations />} />
      <Route path="operations/:id" element={<OneOperation />} />
      <Route path="events" element={<Events />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  )
}

/** Anew for another cluster, so that no half-filled form goes along. */
function OfCluster({ page: Page }: { readonly page: React.ComponentType<{ cluster: string }> }) {
  const { cluster = '' } = useParams()
  return <Page key={cluster} cluster={cluster} />
}

function OfNode() {
  const { cluster = '', instance = '' } = useParams()
  return <Node key={`${cluster} ${instance}`} cluster={cluster} instance={instance} />
}

function OneOperation() {
  const { id = '' } = useParams()
  return <OperationPage key={id} id={id} />
}
