import type { Operation } from '../../../contract/operations.js'
import { isLfu } from './criteria.js'

/**
 * When an operation last switched a cluster between LRU and LFU; ms since the epoch; undefined: none has. One that was
 * undone has switched there and back. What was set past Slotwise is not known here.
 */
export function lastSwitch(
  operations: readonly Pick<Operation, 'cluster' | 'changes' | 'startedAt' | 'endedAt'>[],
  cluster: string,
): number | undefined {
  const times = operations
    .filter((one) => one.cluster === cluster && one.changes.some(isSwitch))
    .map(({ startedAt, endedAt }) => Date.parse(endedAt ?? startedAt))
  return times.length === 0 ? undefined : Math.max(...times)
}

function isSwitch({ parameter, from, to }: Operation['changes'][number]): boolean {
  return parameter === 'maxmemory-policy' && isLfu(from) !== isLfu(to)
}
