import type { Samples } from '../exposition/families.js'
import { decode, listOf, ReplyError, type NodeReading, type Reply } from '../redis/replies.js'
import { family, numberOf, type Collector } from './table.js'

const result = family('gauge', 'script_result', 'What came of a script: 1 values, 0 an error, 2 nothing.')
const value = family('gauge', 'script_values', 'A value that a script returned.')

/** EVAL of each script, which returns names and numbers in turn: `{"jobs", "7", "failed", "2"}`. */
export const script: Collector = {
  name: 'script',
  source: 'EVAL',
  readings: ['script'],
  families: [result, value],
  collect(reading: NodeReading, samples: Samples): void {
    const answers = reading.replies?.get('script')?.more ?? []
    for (const { of, frame } of new Map(answers.map((answer) => [answer.of, answer])).values()) {
      const values = valuesOf(decode(frame))
      samples.add(result, values === undefined ? 0 : values.size === 0 ? 2 : 1, [['filename', of]])
      for (const [key, number] of values ?? []) {
        samples.add(value, number, [
          ['key', key],
          ['filename', of],
        ])
      }
    }
  },
}

/** @returns undefined when the script failed, or returned something else */
function valuesOf(reply: Reply): ReadonlyMap<string, number> | undefined {
  if (reply instanceof ReplyError) return undefined
  if (reply === null) return new Map()
  const items = listOf(reply)
  if (!Array.isArray(reply) || items.length % 2 > 0) return undefined
  const values = new Map<string, number>()
  for (let i = 0; i < items.length; i += 2) {
    const [key, text] = [items[i], items[i + 1]]
    const number = typeof text === 'number' ? text : numberOf(typeof text === 'string' ? text : undefined)
    if (typeof key !== 'string' || number === undefined) return undefined
    values.set(key, number)
  }
  return values
}
