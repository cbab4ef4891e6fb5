import type { Samples } from '../exposition/families.js'
import { listOf, type NodeReading } from '../redis/replies.js'
import { family, repliesOf, type Collector } from './table.js'

const last = family(
  'gauge',
  'latency_spike_last',
  'When the last latency spike of an event was, in seconds since the epoch.',
)
const duration = family(
  'gauge',
  'latency_spike_duration_seconds',
  'Seconds of the last latency spike of an event.',
)

/** LATENCY LATEST: `[[event, timestamp, milliseconds, most milliseconds], …]`. */
export const latency: Collector = {
  name: 'latency',
  source: 'LATENCY LATEST',
  readings: ['latency'],
  families: [last, duration],
  collect: collectLatency,
}

function collectLatency(reading: NodeReading, samples: Samples): void {
  const seen = new Set<string>()
  for (const spike of listOf(repliesOf(reading, 'latency')[0])) {
    const [event, at, milliseconds] = listOf(spike)
    if (typeof event !== 'string' || typeof at !== 'number' || typeof milliseconds !== 'number') continue
    if (seen.has(event)) continue
    seen.add(event)
    samples.add(last, at, [['event_name', event]])
    samples.add(duration, milliseconds / 1000, [['event_name', event]])
  }
}
