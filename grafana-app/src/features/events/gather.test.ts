import { expect, test } from 'vitest'
import type { StoredEvent } from '../../api/contract'
import { gather } from './gather'
import { sayTogether } from './sentences'

let next = 0
const at = (second: number, type: string, data: object, subject = 'cluster/demo') =>
  ({
    id: `e-${next++}`,
    type: `io.slotwise.${type}`,
    subject,
    time: new Date(1.8e12 + second * 1000).toISOString(),
    data,
  }) as StoredEvent
const check = (second: number, name: string, ok: boolean, subject?: string) =>
  at(second, 'health.changed', { check: name, ok, evidence: '', todo: '' }, subject)

test('checks that change to the same at once are one piece of news', () => {
  const events = [
    check(9, 'nodes_reachable', true),
    check(9, 'links_up', true),
    check(5, 'nodes_reachable', false),
    check(5, 'links_up', false),
    at(5, 'cluster.failover', {}),
    check(5, 'no_node_failing', false),
  ]
  const groups = gather(events)
  expect(groups.map((group) => group.length)).toEqual([2, 2, 1, 1])
  expect(groups.flat()).toEqual(events)
  expect(sayTogether(groups[0]!)).toEqual({
    text: '2 checks pass: nodes reachable, links up.',
    tone: 'good',
  })
  expect(sayTogether(groups[1]!).tone).toBe('bad')
})

test.each([
  ['of two clusters', [check(1, 'a', true, 'cluster/x'), check(1, 'a', true, 'cluster/y')]],
  ['for better and for worse', [check(1, 'a', true), check(1, 'b', false)]],
  ['of two readings', [check(9, 'a', false), check(4, 'b', false)]],
  ['of another kind', [at(1, 'cluster.failover', {}), at(1, 'cluster.failover', {})]],
])('what is %s stays apart', (_, events) => {
  expect(gather(events)).toHaveLength(2)
})
