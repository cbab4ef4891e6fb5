import { family, repliesOf, type Collector } from './table.js'

/** COMMANDLOG LEN of each log, in the order in which they are asked (Valkey 8.1 and later). Thresholds: CONFIG. */
const lengths = [
  family('gauge', 'commandlog_slow_length', 'Entries in the log of slow commands.'),
  family('gauge', 'commandlog_large_request_length', 'Entries in the log of large requests.'),
  family('gauge', 'commandlog_large_reply_length', 'Entries in the log of large replies.'),
]

export const commandlog: Collector = {
  name: 'commandlog',
  source: 'COMMANDLOG LEN',
  readings: ['commandlog'],
  families: lengths,
  collect(reading, samples) {
    repliesOf(reading, 'commandlog').forEach((count, i) => {
      const family = lengths[i]
      if (family && typeof count === 'number') samples.add(family, count)
    })
  },
}
