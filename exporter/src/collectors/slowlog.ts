import type { Samples } from '../exposition/families.js'
import { listOf, ReplyError, type NodeReading } from '../redis/replies.js'
import { family, repliesOf, type Collector } from './table.js'

const length = family('gauge', 'slowlog_length', 'Entries in the slow log.')
const lastId = family('gauge', 'slowlog_last_id', 'Id of the last entry of the slow log; 0 when it is empty.')
const lastDuration = family(
  'gauge',
  'last_slow_execution_duration_seconds',
  'Seconds that the last slow command took; 0 when the log is empty.',
)

/** SLOWLOG LEN and SLOWLOG GET 1: `[[id, timestamp, microseconds, [arguments…], …]]`. */
export const slowlog: Collector = {
  name: 'slowlog',
  source: 'SLOWLOG LEN, SLOWLOG GET 1',
  readings: ['slowlog'],
  families: [length, lastId, lastDuration],
  collect: collectSlowlog,
}

function collectSlowlog(reading: NodeReading, samples: Samples): void {
  const [count, entries] = repliesOf(reading, 'slowlog')
  if (typeof count === 'number') samples.add(length, count)
  if (entries === undefined || entries instanceof ReplyError) return
  const [id, , usec] = listOf(listOf(entries)[0])
  samples.add(lastId, typeof id === 'number' ? id : 0)
  samples.add(lastDuration, typeof usec === 'number' ? usec / 1e6 : 0)
}
