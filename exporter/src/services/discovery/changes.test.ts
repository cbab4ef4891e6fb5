import { describe, expect, it } from 'vitest'
import { nodeOf } from '../../../test/cluster-node.js'
import type { NewEvent } from '../../contract/events.js'
import type { ClusterNode, ClusterReading } from '../../redis/replies.js'
import { changesBetween, tellChange, type KnownTopology } from './changes.js'

const node = (id: string, more: Partial<ClusterNode> = {}) =>
  nodeOf(id, { shard: 's1', slots: [[0, 100]], ...more })
const replica = (id: string, primaryId: string, flags: string[] = []) =>
  node(id, { role: 'replica', primaryId, slots: [], flags })
const reading = (...nodes: ClusterNode[]): ClusterReading => ({
  name: 'demo',
  nodes,
  viewsRead: 1,
  views: 1,
  slotsCovered: 0,
  slotsMigrating: 0,
  failovers: 0,
  at: 0,
})
const known = (...nodes: ClusterNode[]): KnownTopology => {
  const [event] = changesBetween(undefined, reading(...nodes))
  return new Map(event?.type === 'cluster.discovered' ? event.data.nodes.map((node) => [node.id, node]) : [])
}
const summary = (events: readonly NewEvent[]) =>
  events
    .map((event) => (event.type === 'cluster.node-changed' ? event.data.what.join('+') : event.type.slice(8)))
    .sort()

describe('changesBetween', () => {
  const before = known(node('a'), replica('b', 'a'))

  it('tells the first reading whole', () => {
    expect(summary(changesBetween(undefined, reading(node('a'))))).toEqual(['discovered'])
  })

  it.each<[string, ClusterReading, string[]]>([
    ['nothing', reading(node('a'), replica('b', 'a')), []],
    ['a new node', reading(node('a'), replica('b', 'a'), node('c', { slots: [] })), ['node-added']],
    ['a failed node', reading(node('a'), replica('b', 'a', ['fail'])), ['failed']],
    ['a suspicion', reading(node('a'), replica('b', 'a', ['fail?'])), []],
    ['a forgotten node', reading(node('a'), replica('b', 'a', ['forgotten'])), ['node-removed']],
    ['moved slots', reading(node('a', { slots: [[0, 50]] }), replica('b', 'a')), ['slots']],
    [
      'a failover',
      reading(node('a', { slots: [], flags: ['fail'] }), node('b')),
      ['failed+slots', 'failover', 'role+slots'],
    ],
    ['a new name', reading(node('a', { instance: 'x' }), replica('b', 'a')), ['instance']],
  ])('tells %s', (_, after, expected) => expect(summary(changesBetween(before, after))).toEqual(expected))

  it('tells who is back', () => {
    expect(summary(changesBetween(known(node('a', { flags: ['fail'] })), reading(node('a'))))).toEqual([
      'recovered',
    ])
  })
})

describe('tellChange', () => {
  it('says who took over from whom', () => {
    const events = changesBetween(known(node('a'), replica('b', 'a')), reading(replica('a', 'b'), node('b')))
    expect(events.map(tellChange)).toContain('shard s1: b took over from a')
    expect(events.map(tellChange)).toContain('b is now primary; b now owns slots 0-100')
  })
})
