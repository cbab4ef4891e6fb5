import type { Config } from '../config/config.js'
import type { EvictionPolicySpec } from '../contract/kinds/eviction-policy.js'
import type { EventLog, Fence } from '../events/log.js'
import type { Engine } from '../operations/engine.js'
import { evictionPolicy } from '../operations/kinds/eviction-policy/kind.js'
import type { PolicyRun } from '../services/eviction/drift.js'
import { EvictionWatch } from '../services/eviction/eviction.js'

/** The watch over evictions, with what operations here have set. */
export function makeEvictionWatch(
  { scrape }: Config,
  log: () => EventLog | undefined,
  fence: (cluster: string) => Promise<Fence | undefined>,
  engine: () => Engine | undefined,
): EvictionWatch {
  return new EvictionWatch({
    log,
    fence,
    runs: (cluster) => policyRuns(engine(), cluster),
    nodeTimeoutMs: scrape.nodeTimeoutMs,
    now: () => new Date(),
  })
}

function policyRuns(engine: Engine | undefined, cluster: string): PolicyRun[] {
  return (engine?.listOperations() ?? []).flatMap(({ id, kind, cluster: of, state, endedAt, changes }) => {
    if (kind !== evictionPolicy.name || of !== cluster || state !== 'succeeded' || endedAt === undefined)
      return []
    const { persist } = engine!.getPlan(id)?.spec as EvictionPolicySpec
    return [{ id, endedAt, persist, changes }]
  })
}
