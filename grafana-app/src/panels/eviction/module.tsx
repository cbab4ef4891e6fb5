import '../../publicPath'
import { PanelPlugin } from '@grafana/data'
import { LoadingPlaceholder } from '@grafana/ui'
import { lazy, Suspense } from 'react'
import type { ClusterPanelOptions } from '../options'

const Panel = lazy(() => import('./EvictionPanel').then(({ EvictionPanel }) => ({ default: EvictionPanel })))

export const plugin = new PanelPlugin<ClusterPanelOptions>((props) => (
  <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
    <Panel {...props} />
  </Suspense>
)).setPanelOptions((builder) =>
  builder.addTextInput({
    path: 'cluster',
    name: 'Cluster',
    description: 'Its name in Slotwise; variables such as $cluster work.',
    defaultValue: '',
  }),
)
