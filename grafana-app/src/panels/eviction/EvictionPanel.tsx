import type { PanelProps } from '@grafana/data'
import type { ClusterPanelOptions } from '../options'

export function EvictionPanel({ options, replaceVariables }: PanelProps<ClusterPanelOptions>) {
  return <p>{replaceVariables(options.cluster)}</p>
}
