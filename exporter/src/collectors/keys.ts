import type { Labels, Samples } from '../exposition/families.js'
import type { CountFact, KeyFact, NodeReading } from '../redis/replies.js'
import { factsOf, family, type Collector } from './table.js'

/** What the reader found of keys: --check-keys, --check-single-keys, --count-keys. */
const value = family('gauge', 'key_value', 'A key whose value is a number.')
const valueAsString = family(
  'gauge',
  'key_value_as_string',
  'A key whose value is text, its first KiB; always 1.',
)
const size = family('gauge', 'key_size', 'Elements of a key, or bytes of a string.')
const memory = family('gauge', 'key_memory_usage_bytes', 'Bytes that a key takes.')
const count = family('gauge', 'keys_count', 'Keys that match a pattern.')

export const keys: Collector = {
  name: 'keys',
  source: 'TYPE, MEMORY USAGE, STRLEN and its kin, GETRANGE',
  readings: ['keys'],
  families: [value, valueAsString, size, memory],
  collect: collectKeys,
}

export const countKeys: Collector = {
  name: 'count_keys',
  source: 'SCAN, DBSIZE',
  readings: ['count_keys'],
  families: [count],
  collect: collectCounts,
}

function collectKeys(reading: NodeReading, samples: Samples): void {
  const seen = new Set<string>()
  for (const fact of factsOf(reading, 'keys') as KeyFact[]) {
    const series = `${fact.db} ${fact.key}`
    if (seen.has(series)) continue
    seen.add(series)
    const labels: Labels = [
      ['db', `db${fact.db}`],
      ['key', fact.key],
    ]
    if (fact.size !== undefined) samples.add(size, fact.size, labels)
    if (fact.memoryBytes !== undefined) samples.add(memory, fact.memoryBytes, labels)
    if (fact.value === undefined) continue
    const number = numberIn(fact.value)
    if (number === undefined) samples.add(valueAsString, 1, [...labels, ['val', fact.value]])
    else samples.add(value, number, labels)
  }
}

function collectCounts(reading: NodeReading, samples: Samples): void {
  const counts = new Map<string, CountFact>()
  for (const fact of factsOf(reading, 'count_keys') as CountFact[]) {
    const series = `${fact.db} ${fact.pattern}`
    counts.set(series, { ...fact, count: fact.count + (counts.get(series)?.count ?? 0) })
  }
  for (const { db, pattern, count: found } of counts.values()) {
    samples.add(count, found, [
      ['db', `db${db}`],
      ['key', pattern],
    ])
  }
}

/** As Go's strconv.ParseFloat, which knows neither spaces nor empty text, and no number that is too large. */
function numberIn(text: string): number | undefined {
  if (/^[-+]?(inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return NaN
  if (!NUMBER.test(text)) return undefined
  const number = Number(text.replaceAll('_', ''))
  return Number.isFinite(number) ? number : undefined
}

/** With underscores between digits. */
const NUMBER = /^[-+]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[-+]?\d+(_\d+)*)?$/i
