import { useFiringAlerts } from '../../api/hooks'
import { alertsSince, firingAlerts } from '../../queries/cluster'
import { usePrometheus } from '../../queries/usePrometheus'
import { mergeAlerts, type Firing } from './firing'

export interface Alerts {
  /** Undefined until one of the two has answered. */
  readonly alerts: readonly Firing[] | undefined
  /** One of the two has not answered yet, nor failed: that none fires is not known. */
  readonly waiting: boolean
  /** Why Prometheus can't be asked, why the exporter can't. */
  readonly troubles: { readonly prometheus: Error | null; readonly exporter: Error | null }
}

/** What fires for the cluster: by the rules of Prometheus, and by what Alertmanager told the exporter. */
export function useAlerts(cluster: string): Alerts {
  const prometheus = usePrometheus({ alerts: firingAlerts(cluster), since: alertsSince(cluster) })
  const told = useFiringAlerts(cluster)
  const troubles = { prometheus: prometheus.error, exporter: told.error }
  const waiting = prometheus.isPending || told.isPending
  // What was read before a failure is old: each source speaks only while it answers.
  const [rules, heard] = [prometheus.error ? undefined : prometheus.data, told.error ? undefined : told.data]
  if (!rules && !heard) return { alerts: undefined, waiting, troubles }
  return { alerts: mergeAlerts(rules?.alerts, rules?.since, heard?.alerts), waiting, troubles }
}
