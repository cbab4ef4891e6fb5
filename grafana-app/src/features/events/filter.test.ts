import { expect, test } from 'vitest'
import type { StoredEvent } from '../../api/contract'
import { ALL_LANES, choose, parseLanes, USUAL_LANES, writeLanes } from './filter'

test.each([
  ['', USUAL_LANES],
  ['topology,health', ['topology', 'health']],
  ['health,nonsense,topology', ['topology', 'health']],
  ['none', []],
])('the lanes %j of a URL', (text, lanes) => expect(parseLanes(text)).toEqual(lanes))

test.each([[USUAL_LANES], [ALL_LANES], [[]], [['log'] as const]])('lanes survive the URL: %j', (lanes) => {
  expect(parseLanes(writeLanes(lanes))).toEqual(lanes)
})

const event = (subject: string, type: string, time: string, data: unknown = {}) =>
  ({ subject, type: `io.slotwise.${type}`, time, data }) as StoredEvent
const failover = event('cluster/demo', 'cluster.failover', '2026-01-01T00:00:00Z', {
  shard: 's',
  from: 'a',
  to: 'b',
})
const freeze = event('control', 'freeze.changed', '2026-01-02T00:00:00Z', {
  on: true,
  reason: 'x',
  by: { token: 't', claimedUser: 'Alice' },
})
const all = [failover, freeze]

test.each([
  ['lanes', { lanes: ['topology'] as const, text: '' }, [failover]],
  ['a person', { lanes: USUAL_LANES, text: ' alice ' }, [freeze]],
  ['a word of the sentence', { lanes: USUAL_LANES, text: 'took over' }, [failover]],
  ['the stream', { lanes: USUAL_LANES, text: 'cluster/demo' }, [failover]],
  ['time', { lanes: USUAL_LANES, text: '', notBefore: Date.parse('2026-01-01T12:00:00Z') }, [freeze]],
])('chosen by %s', (_, chosen, expected) => expect(choose(all, chosen)).toEqual(expected))
