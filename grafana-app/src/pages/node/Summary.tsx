import { LinkButton } from '@grafana/ui'
import { paths } from '../../app/paths'
import { useEviction, useHealth } from '../../api/hooks'
import { Section } from '../../components/Section'
import { Loaded } from '../../components/states/Loaded'
import { PrometheusTrouble } from '../../components/states/PrometheusTrouble'
import { FiringAlerts } from '../../features/alerts/FiringAlerts'
import { useAlerts } from '../../features/alerts/useAlerts'
import { EventList } from '../../features/events/EventList'
import { useEventLog } from '../../features/events/useEventLog'
import { isGone } from '../../features/topology/causes'
import { TELLING } from '../../features/topology/facts'
import type { Placed } from '../../features/topology/nodes'
import { comparing } from '../../features/topology/peers'
import { useFacts } from '../../features/topology/useFacts'
import { uptime } from '../../queries/nodes'
import { isAbout } from './why'
import { Why } from './Why'

/** As many events as one look reads. */
const LOOKED = 500
const SHOWN = 8

interface Props {
  readonly cluster: string
  readonly own: Placed
  /** Instances. */
  readonly peers: readonly string[]
}

/** Why this node, and what changed just before. */
export function Summary({ cluster, own, peers }: Props) {
  const { instance } = own.node
  const prometheus = useFacts(cluster, { ...TELLING, uptime: { query: uptime } })
  const health = useHealth(cluster)
  const eviction = useEviction(cluster)
  const { alerts, waiting } = useAlerts(cluster)
  const log = useEventLog({ cluster, limit: LOOKED })
  const events = (log.events ?? []).filter((event) => isAbout(event, own.node))
  // One that is gone has rates for minutes, of when it was there.
  const figures = prometheus.error || isGone(own.node) ? undefined : prometheus.data
  const beside = figures && comparing(TELLING, figures, [instance, ...peers])(instance)
  const known = {
    placed: own,
    checks: health.data?.checks,
    alerts,
    eviction: eviction.data,
    beside,
    events,
    uptimeSeconds: figures?.uptime.find(({ labels }) => labels.instance === instance)?.value,
  }
  const unread = [
    ...(health.error ? ['its checks'] : []),
    ...(alerts ? [] : ['its alerts']),
    ...(eviction.error ? ['its configuration'] : []),
    ...(log.error ? ['its events'] : []),
  ]
  return (
    <>
      <Section title="Why this node?">
        <PrometheusTrouble error={prometheus.error} missing="Figures of the node" />
        <Why
          known={known}
          waiting={waiting || [prometheus, health, eviction, log].some(({ isPending }) => isPending)}
          unread={unread}
          peers={peers.length}
        />
      </Section>
      <Section
        title="What changed"
        actions={
          <LinkButton
            href={`${paths.cluster(cluster, 'events')}?q=${encodeURIComponent(instance)}`}
            variant="secondary"
            size="sm"
            icon="history"
          >
            All events that name it
          </LinkButton>
        }
      >
        <Loaded query={{ ...log, data: log.events && events }} what="the events of the node">
          {(own) =>
            own.length === 0 ? (
              <p>Nothing, as far as the last {LOOKED} events of the cluster tell.</p>
            ) : (
              <EventList
                events={own.slice(0, SHOWN)}
                context={log.events}
                label="Events of the node"
                ofOneCluster
              />
            )
          }
        </Loaded>
      </Section>
      <Section title="Firing alerts about it" id="alerts">
        <FiringAlerts cluster={cluster} node={instance} />
      </Section>
    </>
  )
}
