import type { Plan, Rate } from '../../api/contract'
import type { Speed } from './speed'
import { bytes, count } from './text'

/** Whether each figure is absent or a positive number: what was typed is kept even when it is neither. */
export const isRate = ({ keysPerSecond = 1, bytesPerSecond = 1 }: Rate) =>
  keysPerSecond >= 1 && bytesPerSecond >= 1

/** `1,500 keys/s, 5 MiB/s`; empty without any limit. */
export const sayRate = ({ keysPerSecond, bytesPerSecond }: Rate) =>
  [
    ...(keysPerSecond === undefined ? [] : [`${count(keysPerSecond)} keys/s`]),
    ...(bytesPerSecond === undefined ? [] : [`${bytes(bytesPerSecond)}/s`]),
  ].join(', ')

/** What the rate limits comes first: `1,500 keys unlinked/s (3,868 looked at/s)`. */
export const sayKeys = ({ keysPerSecond, lookedPerSecond }: Speed) =>
  lookedPerSecond === undefined
    ? `${count(keysPerSecond)} keys/s`
    : `${count(keysPerSecond)} keys unlinked/s (${count(lookedPerSecond)} looked at/s)`

/** The rate that a plan asks for; undefined for a kind that has none. */
export function rateOf({ spec }: Pick<Plan, 'spec'>): Rate | undefined {
  const { rate } = (spec ?? {}) as { rate?: unknown }
  return typeof rate === 'object' && rate !== null ? rate : undefined
}
