import type { PanelProps } from '@grafana/data'
import type { ClusterPanelOptions } from '../options'

export function WarmupPanel({ options, replaceVariables }: PanelProps<ClusterPanelOptions>) {
  return <p>{replaceVariables(options.cluster)}</p>
}
