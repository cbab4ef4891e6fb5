/** Links from values to the same dashboard, narrowed to what was clicked. */
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'

export const uid = 'slotwise-cluster'

const narrowed = (value: string) =>
  `/d/${uid}?\${datasource:queryparam}&\${redis_cluster:queryparam}&var-instance=\${${value}:percentencode}&\${__url_time_range}`

/** For a table's cell that holds an instance. */
export const thisNodeInTable = [
  { title: 'Only this node', url: narrowed('__value.text'), targetBlank: false },
]

/** For a line that has the label `instance`. */
export const thisNode = new DashboardLinkBuilder('Only this node')
  .type(DashboardLinkType.Link)
  .url(narrowed('__field.labels.instance'))

/** An alert's runbook, from a table's cell that holds its name. */
export const runbook = [
  {
    title: 'Runbook',
    url: 'https://github.com/slotwise/slotwise/blob/main/alerts/runbooks/${__value.text}.md',
    targetBlank: true,
  },
]
