import type { Samples } from '../exposition/families.js'
import { listOf, pairsOf, type NodeReading } from '../redis/replies.js'
import { family, repliesOf, type Collector } from './table.js'

/** Field of CLUSTER SLOT-STATS -> family; all but the first only with cluster-slot-stats-enabled. */
const FIELDS = {
  'key-count': family('gauge', 'cluster_slot_key_count', 'Keys in a slot.'),
  'cpu-usec': family('counter', 'cluster_slot_cpu_usec_total', 'Microseconds that commands on a slot took.'),
  'network-bytes-in': family(
    'counter',
    'cluster_slot_network_bytes_in_total',
    'Bytes of the requests for a slot.',
  ),
  'network-bytes-out': family(
    'counter',
    'cluster_slot_network_bytes_out_total',
    'Bytes of the replies about a slot.',
  ),
}

/** CLUSTER SLOT-STATS: `[[slot, ["key-count", n, …]], …]` of the slots with the most keys. */
export const slotStats: Collector = {
  name: 'slot_stats',
  source: 'CLUSTER SLOT-STATS',
  readings: ['slot_stats'],
  families: Object.values(FIELDS),
  collect: collectSlots,
}

function collectSlots(reading: NodeReading, samples: Samples): void {
  const seen = new Set<number>()
  for (const item of listOf(repliesOf(reading, 'slot_stats')[0])) {
    const [slot, stats] = listOf(item)
    if (typeof slot !== 'number' || seen.has(slot)) continue
    seen.add(slot)
    const values = pairsOf(stats)
    for (const [field, family] of Object.entries(FIELDS)) {
      const value = values.get(field)
      if (typeof value === 'number') samples.add(family, value, [['slot', String(slot)]])
    }
  }
}
