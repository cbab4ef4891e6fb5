/** The control API's answers, as its schemas say. Types only: zod must not reach the browser. */
import type { z } from 'zod'
import type * as alerts from '#contract/alerts'
import type * as api from '#contract/api'

export type ClusterSummary = z.output<typeof api.clusterSummary>
export type Topology = z.output<typeof api.topology>
export type TopologyNode = z.output<typeof api.topologyNode>
export type Health = z.output<typeof api.health>
export type WarmupSources = z.output<typeof api.warmup>
export type Plan = z.output<typeof api.planAnswer>
export type EventPage = z.output<typeof api.eventPage>
export type Freeze = z.output<typeof api.freeze>
export type Verification = z.output<typeof api.verification>
export type AlertList = z.output<typeof alerts.alertList>
export type FiringAlert = z.output<typeof alerts.firingAlert>
export type Whoami = z.output<typeof api.whoami>
export type { Actor } from '#contract/actor'
export type { StoredEvent, EventName, EventData } from '#contract/events'
export type { Scope } from '#contract/tokens'
export type { ShardFit, WarmupSpec } from '#contract/kinds/warmup'
export type { EvictKeysSpec, Estimated, ShardEviction } from '#contract/kinds/evict-keys'
export type { Advice, Eviction, Histogram } from '#contract/eviction'
export type { EvictionPolicySpec, EvictionValues, Field } from '#contract/kinds/eviction-policy'
export type { Operation, OperationState, NodeProgress, Rate, Change, Comparison } from '#contract/operations'

/** An operation in one of these is over. */
const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'undone', 'needs-attention'])

export function isOver(state: string): boolean {
  return ENDED.has(state)
}
