import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client'
import type { ClusterSummary, EventPage, Operation, StoredEvent } from '../../api/contract'
import { queryString, useFiringAlerts, useOperations } from '../../api/hooks'
import { keys as queryKeys } from '../../api/keys'
import { firingAlerts, scrapeAge } from '../../queries/fleet'
import { hitRatioNow, keys } from '../../queries/warmth'
import { usePrometheus } from '../../queries/usePrometheus'
import { compareWarmth } from '../../features/warmup/compareWarmth'
import type { Tile } from './sort'

const DAY_MS = 86_400_000
/** As many events as one look reads. */
const MOST_CHANGES = 1000

/** Events of the topology and of health, the newest of all clusters. */
function useChanges() {
  return useQuery({
    queryKey: [...queryKeys.clusters, 'changes'],
    queryFn: async () => {
      const which = { order: 'newest', stream: 'cluster/', limit: MOST_CHANGES }
      return (await call<EventPage>('GET', `api/v1/events${queryString(which)}`)).events
    },
    refetchInterval: 60_000,
    staleTime: 10_000,
  })
}

/** Not the first sight of a cluster, nor that its checks pass, which the first look at each says too. */
function isChange({ type, data }: StoredEvent): boolean {
  if (type === 'io.slotwise.cluster.discovered') return false
  return type !== 'io.slotwise.health.changed' || (data as { ok?: unknown } | null)?.ok !== true
}

/** Changes of a day a cluster: nodes that changed, checks that failed, runs that began. */
export function countChanges(
  events: readonly StoredEvent[],
  operations: readonly Pick<Operation, 'cluster' | 'startedAt'>[],
  nowMs: number,
): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (cluster: string, time: string) => {
    if (Date.parse(time) > nowMs - DAY_MS) counts.set(cluster, (counts.get(cluster) ?? 0) + 1)
  }
  for (const event of events) if (isChange(event)) add(event.subject.replace('cluster/', ''), event.time)
  for (const { cluster, startedAt } of operations) add(cluster, startedAt)
  return counts
}

/** Each may know of alerts that the other does not, and most they know both; undefined where neither answers. */
const most = (...counts: readonly (number | undefined)[]) => {
  const known = counts.filter((count) => count !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** The clusters with what Prometheus and the event log say of each. */
export function useTiles(clusters: readonly ClusterSummary[], nowMs: number) {
  const prometheus = usePrometheus({
    alerts: firingAlerts(),
    age: scrapeAge(),
    keys: keys(),
    hitRatio: hitRatioNow(),
  })
  const changes = useChanges()
  const operations = useOperations({ limit: 200 })
  const told = useFiringAlerts()
  const counts =
    changes.data && operations.data ? countChanges(changes.data, operations.data, nowMs) : undefined
  const oldest = changes.data?.length === MOST_CHANGES ? changes.data.at(-1) : undefined
  const changesAtLeast = oldest !== undefined && Date.parse(oldest.time) > nowMs - DAY_MS
  const warmth = { keys: prometheus.data?.keys ?? [], used: [], limit: [], hitRatio: [] }
  const tiles = clusters.map((cluster): Tile => {
    const of = (name: 'alerts' | 'age' | 'keys' | 'hitRatio') =>
      prometheus.data?.[name].filter(({ labels }) => labels.redis_cluster === cluster.name)
    const ageSeconds = of('age')?.[0]?.value
    return {
      ...cluster,
      alerts: most(
        of('alerts')?.reduce((sum, { value }) => sum + value, 0),
        told.data?.alerts.filter((alert) => alert.cluster === cluster.name).length,
      ),
      scrapeAgeMs: ageSeconds === undefined ? undefined : ageSeconds * 1000,
      keys: of('keys')?.[0]?.value,
      hitRatio: of('hitRatio')?.[0]?.value,
      cold: compareWarmth(cluster.name, warmth).find(({ name }) => name === cluster.name)?.cold,
      changes: counts && (counts.get(cluster.name) ?? 0),
      changesAtLeast,
    }
  })
  return { tiles, prometheus }
}
