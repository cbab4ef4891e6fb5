import type { PanelProps } from '@grafana/data'
import { warmup } from '../../features/warmup/kind'
import { ClusterPanel } from '../ClusterPanel'
import type { ClusterPanelOptions } from '../options'

/** Plan, run and watch a warmup from a dashboard. */
export function WarmupPanel({ options, replaceVariables, width, height }: PanelProps<ClusterPanelOptions>) {
  return (
    <ClusterPanel
      cluster={replaceVariables(options.cluster)}
      width={width}
      height={height}
      kind={warmup}
      tab="warmup"
    />
  )
}
