import { bytes, count } from '../../features/operations/text'
import { brief } from '../../features/topology/fact'
import { SLOTS } from '../../features/topology/verdicts'
import * as query from '../../queries/slots'
import type { Sample } from '../../queries/prometheus'

/** What the map shows besides who owns what, by the name in the URL; labels are short, for a phone. */
export const HEATS = {
  keys: { text: 'Keys', label: 'Keys', query: query.keys, say: (value: number) => `${count(value)} keys` },
  cpu: {
    text: 'CPU',
    label: 'CPU',
    query: query.cpu,
    say: (value: number) => `${brief(value / 1e6)} a second`,
  },
  in: {
    text: 'Received',
    label: 'In',
    query: query.networkIn,
    say: (value: number) => `${bytes(value)}/s in`,
  },
  out: {
    text: 'Sent',
    label: 'Out',
    query: query.networkOut,
    say: (value: number) => `${bytes(value)}/s out`,
  },
} as const
export type HeatName = keyof typeof HEATS

export const isHeat = (text: string): text is HeatName => Object.hasOwn(HEATS, text)

/** Values by slot; NaN where Prometheus has none. */
export function heatOf(samples: readonly Sample[]): Float64Array {
  const heat = new Float64Array(SLOTS).fill(Number.NaN)
  for (const { labels, value } of samples) {
    const slot = Number(labels.slot)
    if (Number.isInteger(slot) && slot >= 0 && slot < SLOTS) heat[slot] = value
  }
  return heat
}

export interface Hot {
  readonly slot: number
  readonly value: number
  /** 0..1 of all that is known. */
  readonly share: number
}

/** The slots with the largest values, those without any left out. */
export function hottest(heat: Float64Array, most: number): readonly Hot[] {
  const known = [...heat].flatMap((value, slot) => (value > 0 ? [{ slot, value }] : []))
  const all = known.reduce((sum, { value }) => sum + value, 0)
  return known
    .toSorted((a, b) => b.value - a.value || a.slot - b.slot)
    .slice(0, most)
    .map((one) => ({ ...one, share: one.value / all }))
}
