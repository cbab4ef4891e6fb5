import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { until } from './until.js'

/** One alert of a delivery. */
export interface DeliveredAlert {
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
  /** RFC 3339. */
  startsAt: string
  endsAt: string
  generatorURL: string
  fingerprint: string
}

/** What Alertmanager posts to a webhook (version 4). */
export interface AlertmanagerWebhook {
  version: string
  groupKey: string
  status: 'firing' | 'resolved'
  receiver: string
  groupLabels: Record<string, string>
  commonLabels: Record<string, string>
  commonAnnotations: Record<string, string>
  externalURL: string
  truncatedAlerts?: number
  alerts: DeliveredAlert[]
}

export interface Webhook {
  readonly url: string
  /** Everything delivered so far, the oldest first. */
  readonly deliveries: readonly AlertmanagerWebhook[]
  /** Waits for a delivery, past or coming, that the predicate holds for. */
  waitFor(
    predicate: (delivery: AlertmanagerWebhook) => boolean,
    timeoutMs: number,
  ): Promise<AlertmanagerWebhook>
  stop(): Promise<void>
}

/**
 * Receives Alertmanager's webhooks on 127.0.0.1, on any path.
 * @param options.port any free one unless given
 * @param options.onDelivery called with each
 */
export async function startWebhook(
  options: { port?: number; onDelivery?: (delivery: AlertmanagerWebhook) => void } = {},
): Promise<Webhook> {
  const deliveries: AlertmanagerWebhook[] = []
  const server = createServer((request, response) => {
    json(request).then(
      (body) => {
        const delivery = body as AlertmanagerWebhook
        deliveries.push(delivery)
        options.onDelivery?.(delivery)
        response.end('ok\n')
      },
      () => response.writeHead(400).end('not JSON\n'),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: options.port ?? 0, host: '127.0.0.1' }, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    deliveries,
    waitFor: (predicate, timeoutMs) =>
      until(() => deliveries.find(predicate), { timeoutMs, what: 'a delivery of Alertmanager' }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
