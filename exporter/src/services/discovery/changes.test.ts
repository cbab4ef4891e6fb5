import { describe, expect, it } from 'vitest'
import type { ClusterNode, ClusterReading } from '../../redis/replies.js'
import { changesBetween } from './changes.js'

const node = (id: string, more: Partial<ClusterNode> = {}): ClusterNode => ({
  id,
  address: id,
  instance: id,
  role: 'primary',
  primaryId: '',
  shard: 's1',
  flags: [],
  slots: [[0, 100]],
  linksDown: 0,
  ...more,
})
const reading = (...nodes: ClusterNode[]): ClusterReading => ({
  name: 'demo',
  nodes,
  viewsRead: 1,
  views: 1,
  slotsCovered: 0,
  slotsMigrating: 0,
  failovers: 0,
  at: 0,
  errors: [],
})
const replica = (id: string, primaryId: string, flags: string[] = []) =>
  node(id, { role: 'replica', primaryId, slots: [], flags })
const types = (before: ClusterReading, after: ClusterReading) =>
  changesBetween(before, after).map(({ type }) => type)

describe('changesBetween', () => {
  const before = reading(node('a'), replica('b', 'a'))

  it('says nothing of the first reading, nor of one that is the same', () => {
    expect(changesBetween(undefined, before)).toEqual([])
    expect(changesBetween(before, reading(node('a'), replica('b', 'a')))).toEqual([])
  })

  it.each([
    ['a new node', reading(node('a'), replica('b', 'a'), node('c', { slots: [] })), ['node-added']],
    ['a failed node', reading(node('a'), replica('b', 'a', ['fail'])), ['node-failed']],
    ['a suspicion is no change', reading(node('a'), replica('b', 'a', ['fail?'])), []],
    ['a forgotten node', reading(node('a'), replica('b', 'a', ['forgotten'])), ['node-forgotten']],
    ['moved slots', reading(node('a', { slots: [[0, 50]] }), replica('b', 'a')), ['slots-moved']],
    [
      'a failover',
      reading(node('a', { slots: [], flags: ['fail'] }), node('b')),
      ['node-failed', 'slots-moved', 'failover'],
    ],
  ])('%s', (_, after, expected) => expect(types(before, after).toSorted()).toEqual(expected.toSorted()))

  it('says who took over from whom', () => {
    const after = reading(replica('a', 'b'), node('b'))
    expect(changesBetween(before, after).map(({ text }) => text)).toContain('shard s1: b took over from a')
  })

  it('says that a failed node is back', () => {
    expect(types(reading(node('a'), replica('b', 'a', ['fail'])), before)).toEqual(['node-recovered'])
  })
})
