import { CANARY_BOUNDS } from '../collectors/canary.js'
import type { Config } from '../config/config.js'
import { Canary } from '../services/canary/canary.js'
import type { Fleet } from './fleet.js'

/** The canary, at work; undefined where it is off. */
export function startCanary({ canary, scrape }: Config, { clusters, single }: Fleet): Canary | undefined {
  if (!canary.enabled) return undefined
  const started = new Canary({
    ...canary,
    clusters,
    single,
    timeoutMs: scrape.nodeTimeoutMs,
    bounds: CANARY_BOUNDS,
  })
  started.start()
  return started
}
