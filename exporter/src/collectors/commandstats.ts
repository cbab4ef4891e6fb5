import type { Family, Samples } from '../exposition/families.js'
import { family, numberOf } from './table.js'

/** INFO commandstats: `cmdstat_get:calls=4,usec=21,usec_per_call=5.25,rejected_calls=0,failed_calls=0`. */
const calls = family('counter', 'commands_total', 'Calls of a command.')
const duration = family('counter', 'commands_duration_seconds_total', 'Seconds spent on a command.')
const rejected = family(
  'counter',
  'commands_rejected_calls_total',
  'Calls of a command refused before it ran.',
)
const failed = family(
  'counter',
  'commands_failed_calls_total',
  'Calls of a command that failed while it ran.',
)

export const commandstatsFamilies = [calls, duration, rejected, failed]

/** Field -> family, and what the field's value is divided by. */
const FIELDS = new Map<string, readonly [Family, number]>(
  Object.entries({
    calls: [calls, 1],
    usec: [duration, 1e6],
    rejected_calls: [rejected, 1],
    failed_calls: [failed, 1],
  }),
)

export function collectCommand(key: string, value: string, samples: Samples): void {
  const labels = [['cmd', key.slice('cmdstat_'.length)]] as const
  const seen: Family[] = []
  for (let start = 0; start < value.length;) {
    const comma = value.indexOf(',', start)
    const end = comma < 0 ? value.length : comma
    const equals = value.indexOf('=', start)
    const rule = FIELDS.get(value.slice(start, equals))
    if (rule && equals < end && !seen.includes(rule[0])) {
      seen.push(rule[0])
      const number = numberOf(value.slice(equals + 1, end))
      if (number !== undefined) samples.add(rule[0], number / rule[1], labels)
    }
    start = end + 1
  }
}
