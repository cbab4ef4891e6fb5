import { Badge, Icon, LoadingPlaceholder } from '@grafana/ui'
import { DataTable } from '../../features/operations/DataTable'
import { PrometheusTrouble } from '../../features/topology/PrometheusTrouble'
import { firingAlerts } from '../../queries/cluster'
import { usePrometheus } from '../../queries/usePrometheus'

/** Labels that the columns show, or that say nothing here. */
const KNOWN = new Set(['__name__', 'alertname', 'alertstate', 'severity', 'redis_cluster', 'job'])

/** Alerts of Prometheus that fire for this cluster. */
export function Alerts({ cluster }: { readonly cluster: string }) {
  const { data, error } = usePrometheus({ alerts: firingAlerts(cluster) })
  if (error) return <PrometheusTrouble error={error} missing="Firing alerts" />
  if (!data) return <LoadingPlaceholder text="Asking Prometheus…" />
  if (data.alerts.length === 0)
    return (
      <p>
        <Icon name="check-circle" size="sm" aria-hidden /> None fires, as far as Prometheus has rules for this
        cluster.
      </p>
    )
  return (
    <DataTable
      label="Firing alerts"
      rows={data.alerts}
      rowKey={({ labels }) => JSON.stringify(labels)}
      columns={[
        {
          header: 'Alert',
          cell: ({ labels: { alertname, severity } }) => (
            <>
              <Badge
                color={severity === 'critical' ? 'red' : 'orange'}
                icon="bell"
                text={severity === undefined || severity === 'none' ? 'firing' : severity}
              />{' '}
              {alertname}
            </>
          ),
        },
        {
          header: 'About',
          cell: ({ labels }) =>
            Object.entries(labels)
              .filter(([name]) => !KNOWN.has(name))
              .map(([name, value]) => `${name} ${value}`)
              .join(', ') || 'the cluster',
        },
      ]}
    />
  )
}
