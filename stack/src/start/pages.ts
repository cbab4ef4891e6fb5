import type { AlertmanagerWebhook } from '../webhook.js'

/**
 * A delivery of Alertmanager as lines for a terminal, one an alert. Heartbeats (the Watchdog, which always fires)
 * give none.
 */
export function deliveryLines(delivery: AlertmanagerWebhook): string[] {
  return delivery.alerts
    .filter(({ labels }) => labels.alertname !== 'Watchdog')
    .map(({ status, labels, annotations, startsAt }) => {
      const at = new Date(startsAt)
      const since = Number.isNaN(at.getTime()) ? startsAt : at.toTimeString().slice(0, 8)
      const what = status === 'firing' ? (labels.severity ?? 'alert') : 'resolved'
      const summary =
        annotations.summary ??
        Object.entries(labels)
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')
      return `${what.padEnd(8)}  ${labels.alertname ?? 'unnamed'}: ${summary} (since ${since}, to ${delivery.receiver})`
    })
}
