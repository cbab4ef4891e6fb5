import type { Family, Labels, Samples } from '../exposition/families.js'
import { bulkOf, readInfo, type InfoFields, type NodeReading } from '../redis/replies.js'
import { family, numberOf, type Collector } from './table.js'

const percentiles: Family = {
  ...family(
    'summary',
    'latency_percentiles_usec',
    'Latency percentiles of a command in microseconds; quantile is 50, 99 and 99.9, as the server has it.',
  ),
  percentiles: true,
}

const PREFIX = 'latency_percentiles_usec_'

/**
 * INFO latencystats: `latency_percentiles_usec_get:p50=1.003,p99=3.007,p99.9=3.007`. Sum and count are those of
 * commandstats in the same reply.
 */
export const latencystats: Collector = {
  name: 'latencystats',
  source: 'INFO latencystats, INFO commandstats',
  readings: ['latencystats'],
  families: [percentiles],
  collect: collectLatencystats,
}

function collectLatencystats(reading: NodeReading, samples: Samples): void {
  const frame = reading.replies?.get('latencystats')?.frames[0]
  const info = readInfo((frame && bulkOf(frame)) ?? Buffer.alloc(0))
  for (const [key, value] of info) {
    if (key.startsWith(PREFIX)) collectCommand(key.slice(PREFIX.length), value, info, samples)
  }
}

/** A command without commandstats (they were reset in between) has no summary, as in redis_exporter. */
function collectCommand(cmd: string, value: string, info: InfoFields, samples: Samples): void {
  const stats = info.get(`cmdstat_${cmd}`) ?? ''
  const calls = numberOf(/(?:^|,)calls=(\d+)/.exec(stats)?.[1])
  const usec = numberOf(/(?:^|,)usec=(\d+)/.exec(stats)?.[1])
  if (calls === undefined || usec === undefined) return
  const labels: Labels = [['cmd', cmd]]
  for (const [quantile, microseconds] of new Map(
    [...value.matchAll(/(?:^|,)p([\d.]+)=([\d.]+)/g)].map(pair),
  )) {
    samples.add(percentiles, microseconds, [...labels, ['quantile', quantile]])
  }
  samples.add(percentiles, usec, labels, '_sum')
  samples.add(percentiles, calls, labels, '_count')
}

function pair([, quantile, value]: RegExpExecArray): [string, number] {
  return [String(Number(quantile)), Number(value)]
}
