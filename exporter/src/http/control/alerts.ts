import { maySee } from './access.js'
import type { ControlOptions } from './context.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

/** /alerts */
export function alertHandlers(
  { alerts }: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'recordAlerts' | 'listAlerts'> {
  return {
    recordAlerts: ({ principal, by, body }) =>
      alerts.record(body, { by, mayTell: (cluster) => maySee(principal, cluster) }),
    listAlerts: async ({ principal, query }) => {
      const only = query.cluster === undefined ? undefined : visibility.cluster(principal, query.cluster).name
      const firing = await alerts.firing()
      return {
        alerts: firing
          .filter(({ cluster }) => maySee(principal, cluster))
          .filter(({ cluster }) => only === undefined || cluster === only),
      }
    },
  }
}
