import type { ClusterSummary } from '../../api/contract'
import { VERDICTS } from '../../features/topology/verdicts'

/** A cluster with what others say about it; undefined: not known. */
export interface Tile extends ClusterSummary {
  readonly alerts: number | undefined
  /** How long ago Prometheus last had a sample of it. */
  readonly scrapeAgeMs: number | undefined
  /** On the primaries. */
  readonly keys: number | undefined
  /** 0..1 of the lookups of the last minutes; undefined without lookups, too. */
  readonly hitRatio: number | undefined
  /** How far it stands behind the fullest cluster: `cold: 0.1 % of the keys of demo`. */
  readonly cold?: string | undefined
  readonly changes: number | undefined
  /** There were more than could be looked through. */
  readonly changesAtLeast: boolean
}

/** 0..1; 0 without a limit. */
export const memoryShare = ({ memory: { usedBytes, maxBytes } }: Pick<ClusterSummary, 'memory'>) =>
  maxBytes > 0 ? usedBytes / maxBytes : 0

const byName = (a: Tile, b: Tile) => a.name.localeCompare(b.name)
const worst = (a: Tile, b: Tile) =>
  VERDICTS[a.verdict].rank - VERDICTS[b.verdict].rank ||
  a.slotsCovered - b.slotsCovered ||
  (b.alerts ?? 0) - (a.alerts ?? 0) ||
  memoryShare(b) - memoryShare(a)

/** Orders by their name in the URL. */
export const ORDERS = {
  worst: { text: 'Worst', compare: worst },
  name: { text: 'Name', compare: byName },
  memory: { text: 'Fullest', compare: (a: Tile, b: Tile) => memoryShare(b) - memoryShare(a) },
  changes: { text: 'Changes', compare: (a: Tile, b: Tile) => (b.changes ?? 0) - (a.changes ?? 0) },
} as const
export type Order = keyof typeof ORDERS

export function isOrder(text: string): text is Order {
  return Object.hasOwn(ORDERS, text)
}

export function arrange(tiles: readonly Tile[], { order, text }: { order: Order; text: string }): Tile[] {
  const wanted = text.trim().toLowerCase()
  return tiles
    .filter(({ name, verdict }) => `${name} ${verdict}`.toLowerCase().includes(wanted))
    .sort((a, b) => ORDERS[order].compare(a, b) || byName(a, b))
}
