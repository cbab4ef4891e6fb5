import type { BadgeColor, IconName } from '@grafana/ui'
import type { ClusterSummary } from '../../api/contract'

export type Verdict = ClusterSummary['verdict']

/** Worst first. */
export const VERDICTS: Readonly<
  Record<Verdict, { rank: number; text: string; color: BadgeColor; icon: IconName }>
> = {
  unhealthy: { rank: 0, text: 'Unhealthy', color: 'red', icon: 'exclamation-circle' },
  unknown: { rank: 1, text: 'Unknown', color: 'orange', icon: 'question-circle' },
  healthy: { rank: 2, text: 'Healthy', color: 'green', icon: 'check-circle' },
}

/** What CLUSTER INFO says, in words. */
export const STATE_TEXT: Readonly<Record<ClusterSummary['state'], string>> = {
  ok: 'cluster_state ok',
  fail: 'cluster_state fail',
  unknown: 'no node was read',
}

export const SLOTS = 16_384
