import { TooManyAlerts } from '../../services/alerting/alerting.js'
import { maySee } from './access.js'
import type { ControlOptions } from './context.js'
import { Refusal } from './problem.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

/** /alerts */
export function alertHandlers(
  { alerts }: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'recordAlerts' | 'listAlerts'> {
  return {
    recordAlerts: async ({ principal, by, body }) => {
      try {
        return await alerts.record(body, { by, mayTell: (cluster) => maySee(principal, cluster) })
      } catch (error) {
        if (!(error instanceof TooManyAlerts)) throw error
        const { message, receipt, leftOut } = error
        throw new Refusal('too-many-alerts', message, { ...receipt, leftOut }, true)
      }
    },
    listAlerts: async ({ principal, query }) => {
      const only = query.cluster === undefined ? undefined : visibility.cluster(principal, query.cluster).name
      const shows = (cluster: string | undefined) =>
        maySee(principal, cluster) && (only === undefined || cluster === only)
      const firing = await alerts.firing()
      return {
        alerts: firing.alerts.filter(({ cluster }) => shows(cluster)),
        dropped: [...firing.dropped].reduce((sum, [cluster, count]) => sum + (shows(cluster) ? count : 0), 0),
      }
    },
  }
}
