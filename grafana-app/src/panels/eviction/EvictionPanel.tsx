import type { PanelProps } from '@grafana/data'
import { EvictionState } from '../../features/eviction/EvictionState'
import { evictionPolicy } from '../../features/eviction/kind'
import { ClusterPanel } from '../ClusterPanel'
import type { ClusterPanelOptions } from '../options'

/** How every node evicts, and a plan to change it, from a dashboard. */
export function EvictionPanel({ options, replaceVariables, width, height }: PanelProps<ClusterPanelOptions>) {
  return (
    <ClusterPanel
      cluster={replaceVariables(options.cluster)}
      width={width}
      height={height}
      kind={evictionPolicy}
      tab="evict"
      now={(cluster) => <EvictionState cluster={cluster} />}
    />
  )
}
