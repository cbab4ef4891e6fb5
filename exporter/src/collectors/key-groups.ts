import type { Labels, Samples } from '../exposition/families.js'
import type { GroupFact, NodeReading } from '../redis/replies.js'
import { factsOf, family, type Collector } from './table.js'

/** --check-key-groups. */
const count = family('gauge', 'key_group_count', 'Keys of a group.')
const memory = family('gauge', 'key_group_memory_usage_bytes', 'Bytes that the keys of a group take.')
const distinct = family('gauge', 'number_of_distinct_key_groups', 'Groups of a database.')
const duration = family(
  'gauge',
  'last_key_groups_scrape_duration_milliseconds',
  'Milliseconds that key groups took; 0 without them.',
)

export const keyGroups: Collector = {
  name: 'key_groups',
  source: 'SCAN, MEMORY USAGE',
  readings: ['key_groups'],
  families: [count, memory, distinct, duration],
  collect: collectGroups,
}

function collectGroups(reading: NodeReading, samples: Samples): void {
  const seconds = reading.replies?.get('key_groups')?.durationSeconds ?? 0
  samples.add(duration, Math.round(seconds * 1000))
  for (const { db, distinct: number, groups } of factsOf(reading, 'key_groups') as GroupFact[]) {
    samples.add(distinct, number, [['db', `db${db}`]])
    for (const { name, count: found, memoryBytes } of groups) {
      const labels: Labels = [
        ['db', `db${db}`],
        ['key_group', name],
      ]
      samples.add(count, found, labels)
      samples.add(memory, memoryBytes, labels)
    }
  }
}
