import type { Labels, Samples } from '../exposition/families.js'
import {
  bulkOf,
  decode,
  listOf,
  pairsOf,
  readInfo,
  type InfoFields,
  type NodeReading,
  type Reply,
} from '../redis/replies.js'
import { family, goNumber, type Collector } from './table.js'

const latencies = family(
  'histogram',
  'commands_latencies_usec',
  'Calls of a command by their latency in microseconds.',
)

/**
 * LATENCY HISTOGRAM: `[command, ["calls", n, "histogram_usec", [upper bound, calls up to it, …]], …]`. The sum is
 * that of INFO commandstats, which is asked along with it, subcommands included.
 */
export const latencyHistogram: Collector = {
  name: 'latency_histogram',
  source: 'LATENCY HISTOGRAM, INFO commandstats',
  readings: ['latency_histogram'],
  families: [latencies],
  collect: collectHistogram,
}

function collectHistogram(reading: NodeReading, samples: Samples): void {
  const [reply, stats] = reading.replies?.get('latency_histogram')?.frames ?? []
  const histograms = pairsOf(reply && decode(reply))
  const sums = usecByCommand(readInfo((stats && bulkOf(stats)) ?? Buffer.alloc(0)))
  for (const [cmd, reply] of histograms) {
    const details = pairsOf(reply)
    const calls = details.get('calls')
    if (typeof calls !== 'number') continue
    const labels: Labels = [['cmd', cmd]]
    for (const [bound, count] of bucketsOf(details.get('histogram_usec'), calls)) {
      samples.add(latencies, count, [...labels, ['le', textOf(bound)]], '_bucket')
    }
    samples.add(latencies, calls, [...labels, ['le', '+Inf']], '_bucket')
    samples.add(latencies, sums.get(cmd) ?? 0, labels, '_sum')
    samples.add(latencies, calls, labels, '_count')
  }
}

/** The bounds of all commands of all nodes are the same few dozen. */
const texts = new Map<number, string>()
const MOST_TEXTS = 1000

function textOf(bound: number): string {
  let text = texts.get(bound)
  if (text === undefined) {
    text = goNumber(bound)
    if (texts.size < MOST_TEXTS) texts.set(bound, text)
  }
  return text
}

/** Bounds with their counts, both ascending; whatever is not is passed over, as no reader would take it. */
function bucketsOf(reply: Reply | undefined, calls: number): [bound: number, count: number][] {
  const items = listOf(reply)
  const buckets: [number, number][] = []
  let [lastBound, lastCount] = [-1, 0]
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [bound, count] = [items[i], items[i + 1]]
    if (typeof bound !== 'number' || typeof count !== 'number') continue
    if (!(bound > lastBound && count >= lastCount && count <= calls)) continue
    buckets.push([bound, count])
    ;[lastBound, lastCount] = [bound, count]
  }
  return buckets
}

/** `cmdstat_config|get` counts for `config|get` and for `config`. */
function usecByCommand(info: InfoFields): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [key, value] of info) {
    if (!key.startsWith('cmdstat_')) continue
    const usec = Number(/(?:^|,)usec=(\d+)/.exec(value)?.[1] ?? 0)
    const cmd = key.slice('cmdstat_'.length)
    const bar = cmd.indexOf('|')
    for (const name of bar < 0 ? [cmd] : [cmd, cmd.slice(0, bar)]) {
      sums.set(name, (sums.get(name) ?? 0) + usec)
    }
  }
  return sums
}
