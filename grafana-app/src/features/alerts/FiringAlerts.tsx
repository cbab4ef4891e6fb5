import { Badge, Icon, LoadingPlaceholder, Stack, Text, TextLink } from '@grafana/ui'
import { paths } from '../../app/paths'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'
import { TroubleAlert } from '../../components/states/TroubleAlert'
import { Time } from '../../components/Time'
import { DataTable } from '../operations/DataTable'
import { isPage, type Firing } from './firing'
import { runbookOf } from './rules'
import { useAlerts } from './useAlerts'

interface Props {
  readonly cluster: string
  /** Only those about this node, by its instance. */
  readonly node?: string
}

/** Alerts that fire for this cluster, or for one of its nodes, and who says so. */
export function FiringAlerts({ cluster, node }: Props) {
  const { alerts, waiting, troubles } = useAlerts(cluster)
  const shown = node === undefined ? alerts : alerts?.filter((alert) => alert.node === node)
  if (waiting && !shown?.length) return <LoadingPlaceholder text="Asking Prometheus and the exporter…" />
  return (
    <Stack direction="column" gap={1}>
      <PrometheusTrouble
        error={troubles.prometheus}
        // The page of a node has said it of its figures.
        brief={node !== undefined}
        missing={shown ? 'Alerts that Alertmanager has not told of' : 'Firing alerts'}
      />
      {!shown && troubles.exporter && <TroubleAlert error={troubles.exporter} />}
      {shown?.length === 0 && <None quiet={troubles.prometheus !== null} />}
      {shown && shown.length > 0 && <Table cluster={cluster} alerts={shown} />}
    </Stack>
  )
}

function None({ quiet }: { readonly quiet: boolean }) {
  return (
    <p>
      <Icon name={quiet ? 'question-circle' : 'check-circle'} size="sm" aria-hidden />{' '}
      {quiet
        ? 'Alertmanager has told of none. What Prometheus says is not known.'
        : 'None fires, as far as Prometheus has rules for it.'}
    </p>
  )
}

function Table({ cluster, alerts }: { readonly cluster: string; readonly alerts: readonly Firing[] }) {
  return (
    <DataTable
      label="Firing alerts"
      rows={alerts}
      rowKey={({ key }) => key}
      columns={[
        {
          header: 'Alert',
          cell: ({ name, severity, summary }) => (
            <>
              <Badge
                color={isPage(severity) ? 'red' : 'orange'}
                icon="bell"
                text={severity === undefined || severity === 'none' ? 'firing' : severity}
              />{' '}
              {name}
              {summary !== undefined && (
                <div>
                  <Text variant="bodySmall" color="secondary">
                    {summary}
                  </Text>
                </div>
              )}
            </>
          ),
        },
        {
          header: 'Since',
          cell: ({ since }) => (since === undefined ? 'not known' : <Time at={since} short />),
        },
        { header: 'About', cell: (alert) => <About cluster={cluster} alert={alert} /> },
        { header: 'Says who', cell: ({ sources }) => sources.join(' and ') },
        {
          header: 'What to do',
          cell: ({ name, runbook }) => <Runbook url={runbookOf(name) ?? runbook} />,
        },
      ]}
    />
  )
}

function About({
  cluster,
  alert: { node, shard, about },
}: {
  readonly cluster: string
  readonly alert: Firing
}) {
  if (node === undefined && shard === undefined) return about === '' ? 'the cluster' : about
  return (
    <>
      {node !== undefined ? (
        <TextLink href={paths.node(cluster, node)} inline={false}>
          {node}
        </TextLink>
      ) : (
        <TextLink href={paths.shard(cluster, shard!)} inline={false}>
          {`shard ${shard!.slice(0, 8)}`}
        </TextLink>
      )}
      {about !== '' && <div>{about}</div>}
    </>
  )
}

/** Annotations are whatever somebody wrote: only a web address becomes a link. */
function Runbook({ url }: { readonly url: string | undefined }) {
  return url === undefined || !/^https?:\/\//.test(url) ? (
    'as its rule says'
  ) : (
    <TextLink href={url} external inline={false}>
      Runbook
    </TextLink>
  )
}
