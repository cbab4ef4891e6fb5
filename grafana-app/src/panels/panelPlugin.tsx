import { PanelPlugin, type PanelProps } from '@grafana/data'
import { LoadingPlaceholder } from '@grafana/ui'
import { lazy, Suspense, type ComponentType } from 'react'
import type { ClusterPanelOptions } from './options'

/** A panel plugin about one cluster, whose component is loaded when it is shown. */
export function panelPlugin(load: () => Promise<ComponentType<PanelProps<ClusterPanelOptions>>>) {
  const Panel = lazy(async () => ({ default: await load() }))
  return new PanelPlugin<ClusterPanelOptions>((props) => (
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
}
