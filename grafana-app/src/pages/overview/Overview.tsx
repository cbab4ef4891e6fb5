import { LinkButton, LoadingPlaceholder, Stack } from '@grafana/ui'
import { Suspense } from 'react'
import { lazyScenes } from '../../components/lazyScenes'
import { paths } from '../../app/paths'
import type { Topology } from '../../api/contract'
import { troubleOf } from '../../api/errors'
import { useCluster, useHealth, useTopology } from '../../api/hooks'
import { useStreamState } from '../../api/useEventStream'
import { LiveState } from '../../components/LiveState'
import { Section } from '../../components/Section'
import { Loaded } from '../../components/states/Loaded'
import { FiringAlerts } from '../../features/alerts/FiringAlerts'
import { HealthChecks } from '../../features/topology/HealthChecks'
import { Outliers } from '../../features/topology/Outliers'
import { TopologyTable } from '../../features/topology/TopologyTable'
import { LastEvents } from './LastEvents'
import { Summary } from './Summary'

const Charts = lazyScenes(() => import('./Charts').then((m) => m.Charts))

/** Is it serving? Cause before chart: the verdict with its evidence, then who is who, then the curves. */
export function Overview({ cluster }: { readonly cluster: string }) {
  const summary = useCluster(cluster)
  const health = useHealth(cluster)
  const topology = useTopology(cluster)
  // There is nothing to look at then, not even curves.
  const unknown = summary.data === undefined && troubleOf(summary.error) === 'not-found'
  return (
    <>
      <Section title="Is it serving?" actions={!unknown && <NextSteps cluster={cluster} />}>
        <Loaded query={summary} what="the cluster">
          {(data) => <Summary summary={data} readAt={topology.data?.readAt} />}
        </Loaded>
        {summary.data && (
          <Loaded query={health} what="the checks" quiet={summary.error !== null}>
            {({ checks }) => (
              <HealthChecks cluster={cluster} checks={checks} shards={topology.data?.shards} />
            )}
          </Loaded>
        )}
      </Section>
      {summary.data && (
        <>
          <Section
            title="Firing alerts"
            id="alerts"
            actions={
              <LinkButton href={paths.cluster(cluster, 'alerts')} variant="secondary" size="sm" icon="bell">
                What is not covered
              </LinkButton>
            }
          >
            <FiringAlerts cluster={cluster} />
          </Section>
          <Section
            title="Last events"
            actions={
              <LinkButton
                href={paths.cluster(cluster, 'events')}
                variant="secondary"
                size="sm"
                icon="history"
              >
                All events of {cluster}
              </LinkButton>
            }
          >
            <LastEvents cluster={cluster} />
          </Section>
          <Section title="Shards and nodes">
            <Loaded query={topology} what="the topology" quiet={summary.error !== null}>
              {(data) => <TopologyTable topology={data} />}
            </Loaded>
          </Section>
          {topology.data && (
            <Section title="Unlike their peers">
              <Outliers topology={topology.data} />
            </Section>
          )}
        </>
      )}
      {/* Prometheus has its curves even while the exporter is down. */}
      {!unknown && (topology.data ?? topology.error) && (
        <Section title="Over time">
          <Suspense fallback={<LoadingPlaceholder text="Loading charts…" />}>
            <Charts cluster={cluster} instances={topology.data ? instancesOf(topology.data) : ''} />
          </Suspense>
        </Section>
      )}
    </>
  )
}

/** As text, so that a new reading of the same nodes does not build the charts anew. */
function instancesOf({ shards }: Topology): string {
  return shards
    .flatMap(({ nodes }) => nodes.map(({ instance }) => instance))
    .toSorted()
    .join(',')
}

function NextSteps({ cluster }: { readonly cluster: string }) {
  const state = useStreamState()
  return (
    <Stack direction="row" wrap="wrap" gap={1} alignItems="center">
      <LiveState state={state} />
      <LinkButton href={paths.cluster(cluster, 'warmup')} variant="secondary" size="sm" icon="fire">
        Warm up
      </LinkButton>
      <LinkButton href={paths.cluster(cluster, 'evict')} variant="secondary" size="sm" icon="filter-minus">
        Evict
      </LinkButton>
    </Stack>
  )
}
