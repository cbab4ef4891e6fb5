import { describe, expect, test } from 'vitest'
import { threeShards } from '../../test/topology'
import { choose, redundancy, risksOf, rowsOf, skewsOf } from './rows'

const samples = (values: Record<string, number>) =>
  Object.entries(values).map(([instance, value]) => ({ labels: { instance }, value }))
const NONE = { keys: [], memory: [], full: [], commands: [] }
const rows = (changed: Parameters<typeof threeShards>[0] = {}, data: Partial<typeof NONE> | object = {}) =>
  rowsOf(threeShards(changed).shards, { ...NONE, ...data })
const risks = (changed: Parameters<typeof threeShards>[0]) =>
  risksOf(threeShards(changed).shards[0]!).map(({ tone, text }) => `${tone}: ${text}`)

describe('what endangers a shard', () => {
  test.each([
    ['nothing', {}, []],
    ['a primary that failed', { 'p1:1': { flags: ['fail'] } }, ['bad: Not served', 'warning: 1 node failed']],
    ['a replica without its link', { 'r1:1': { link: 'down' } }, ['bad: Link of 1 replica down']],
    [
      'a replica that is gone',
      { 'r1:1': { error: 'gone' } },
      ['warning: No replica', 'warning: 1 node failed'],
    ],
    [
      'all nodes in one zone',
      { 'p1:1': { zone: 'a' }, 'r1:1': { zone: 'a' } },
      ['warning: All in the zone a'],
    ],
    ['nodes in two zones', { 'p1:1': { zone: 'a' }, 'r1:1': { zone: 'b' } }, []],
  ] as const)('%s', (_, changed, said) => {
    expect(risks(changed as Parameters<typeof threeShards>[0])).toEqual(said)
  })
})

test('after a failover the primary is the one that serves', () => {
  const [first] = rows({ 'p1:1': { flags: ['fail'] }, 'r1:1': { role: 'primary' } })
  expect(first).toMatchObject({ primary: { instance: 'r1:1' }, others: [{ instance: 'p1:1' }] })
})

test.each([
  ['5461', false, [2]],
  ['shard 3', false, [3]],
  ['r1:1', false, [1]],
  ['16384', false, []],
  ['222222', false, [2]],
  ['', true, [1]],
  ['shard 3', true, []],
])('the text %j, only trouble %j, chooses the shards %j', (text, trouble, numbers) => {
  const all = rows({ 'r1:1': { link: 'down' } })
  expect(choose(all, trouble, text).map(({ number }) => number)).toEqual(numbers)
})

test('skew is the largest beside the median, and noise is none', () => {
  const keys = samples({ 'p1:1': 100_000, 'p2:1': 100_000, 'p3:1': 300_000 })
  const commands = samples({ 'p1:1': 1, 'p2:1': 1, 'p3:1': 9 })
  expect(skewsOf(rows({}, { keys, commands }))).toEqual([
    { label: 'Slots', times: 5462 / 5461, most: 2 },
    { label: 'Keys', times: 3, most: 3 },
  ])
})

test('redundancy is told in a sentence', () => {
  expect(redundancy(rows())).toBe('Every shard has a replica that is well.')
  expect(redundancy(rows({ 'r1:1': { flags: ['fail'] } }))).toMatch(/^1 of 3 shards has no replica/)
  // what is lost already comes before what may be
  const lost = { 'p1:1': { flags: ['fail'] }, 'p2:1': { flags: ['fail'] }, 'r3:1': { flags: ['fail'] } }
  expect(redundancy(rows(lost))).toBe('2 of 3 shards are not served: no primary of them works.')
})
