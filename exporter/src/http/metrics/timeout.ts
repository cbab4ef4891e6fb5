import type { IncomingHttpHeaders } from 'node:http'

/** Kept back from Prometheus' timeout for rendering and the way back. */
const MARGIN_MS = 200
const LEAST_MS = 50

/**
 * How long a node may take, in milliseconds: the configured timeout, or less when Prometheus
 * (`X-Prometheus-Scrape-Timeout-Seconds`) gives up earlier than that.
 */
export function scrapeTimeoutMs(headers: IncomingHttpHeaders, nodeTimeoutMs: number): number {
  const seconds = Number(headers['x-prometheus-scrape-timeout-seconds'])
  if (!(seconds > 0)) return nodeTimeoutMs
  return Math.max(LEAST_MS, Math.min(nodeTimeoutMs, seconds * 1000 - MARGIN_MS))
}
