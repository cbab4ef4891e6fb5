import { Badge, Icon, LoadingPlaceholder, TextLink } from '@grafana/ui'
import { Time } from '../../components/Time'
import { DataTable } from '../../features/operations/DataTable'
import { PrometheusTrouble } from '../../features/topology/PrometheusTrouble'
import { alertsSince, firingAlerts } from '../../queries/cluster'
import type { Sample } from '../../queries/prometheus'
import { usePrometheus } from '../../queries/usePrometheus'
import { runbookOf } from './runbooks'

/** Labels that the columns show, or that say nothing here. */
const KNOWN = new Set(['__name__', 'alertname', 'alertstate', 'severity', 'redis_cluster', 'job'])

/** Alerts of Prometheus that fire for this cluster. */
export function Alerts({ cluster }: { readonly cluster: string }) {
  const { data, error } = usePrometheus({ alerts: firingAlerts(cluster), since: alertsSince(cluster) })
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
        { header: 'Since', cell: (alert) => <Since alert={alert} since={data.since} /> },
        {
          header: 'About',
          cell: ({ labels }) =>
            Object.entries(labels)
              .filter(([name]) => !KNOWN.has(name))
              .map(([name, value]) => `${name} ${value}`)
              .join(', ') || 'the cluster',
        },
        { header: 'What to do', cell: ({ labels }) => <Runbook url={runbookOf(labels.alertname)} /> },
      ]}
    />
  )
}

/** When what it looks for began: it fires since then, less the time that its rule waits. */
function Since({ alert, since }: { readonly alert: Sample; readonly since: readonly Sample[] }) {
  const began = since.find(({ labels }) => sameAlert(labels, alert.labels))?.value
  return began === undefined ? 'not known' : <Time at={new Date(began * 1000).toISOString()} short />
}

/** Whether both are labels of one alert; its state and the name of the metric are none. */
function sameAlert(a: Sample['labels'], b: Sample['labels']): boolean {
  const names = Object.keys({ ...a, ...b }).filter((name) => name !== '__name__' && name !== 'alertstate')
  return names.every((name) => a[name] === b[name])
}

function Runbook({ url }: { readonly url: string | undefined }) {
  return url === undefined ? (
    'as its rule says'
  ) : (
    <TextLink href={url} external inline={false}>
      Runbook
    </TextLink>
  )
}
