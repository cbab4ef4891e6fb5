import type { Samples } from '../exposition/families.js'
import { family, numberOf } from './table.js'

const errors = family(
  'counter',
  'errors_total',
  'Error replies by their first word; a redirection (MOVED) counts too.',
)

export const errorstatsFamilies = [errors]

/** INFO errorstats: `errorstat_MOVED:count=25`. */
export function collectError(key: string, value: string, samples: Samples): void {
  const count = numberOf(/(?:^|,)count=(\d+)/.exec(value)?.[1])
  if (count !== undefined) samples.add(errors, count, [['err', key.slice('errorstat_'.length)]])
}
