import type { Topology } from '../../api/contract'
import { count, counted } from '../operations/text'

type Ranges = Topology['shards'][number]['slots']

export const slotCount = (ranges: Ranges) => ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)

/** `0-5460`; of many ranges the first. */
export function rangesText(ranges: Ranges): string {
  const shown = ranges.slice(0, 2).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`))
  const more = ranges.length > 2 ? `, ${count(ranges.length - 2)} more ranges` : ''
  return `${shown.join(', ')}${more}`
}

/** `5,461 slots: 0-5460` */
export const slotText = (ranges: Ranges) =>
  ranges.length === 0 ? 'no slots' : `${counted(slotCount(ranges), 'slot')}: ${rangesText(ranges)}`
