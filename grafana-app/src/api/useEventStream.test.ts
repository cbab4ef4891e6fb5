import { expect, test } from 'vitest'
import { touched } from './useEventStream'

const cases = [
  ['cluster/demo', 'cluster.failover', [['clusters']]],
  ['operation/a/b', 'plan.ready', [['plans', 'a/b']]],
  ['operation/7', 'operation.progressed', [['operation', '7'], ['operations']]],
  ['operation/7', 'operation.ended', [['operation', '7'], ['operations'], ['plans', '7'], ['clusters']]],
  ['control', 'freeze.changed', [['freeze'], ['operations']]],
  ['digest', 'log.digest', []],
] as const

test.each(cases)('an event of %s of type %s makes %j be read anew', (subject, type, keys) => {
  expect(touched({ subject, type: `io.slotwise.${type}` })).toEqual(keys)
})
