import { expect, test } from 'vitest'
import type { StoredEvent } from '../../api/contract'
import { threeShards } from '../../test/topology'
import { historyOf, type Moment } from './history'

const { shards } = threeShards()
const [one, two] = shards.map(({ id }) => id) as [string, string]
type Slots = [number, number][]

const node = (instance: string, shard: string, slots: Slots, failed = false) => ({
  ...{ id: `id-of-${instance}`, instance, role: 'primary', primaryId: '', shard, failed, slots },
})
const event = (streamversion: number, name: string, data: object, second = streamversion) =>
  ({
    ...{ id: String(streamversion), streamversion, data, type: `io.slotwise.cluster.${name}` },
    subject: 'cluster/demo',
    time: new Date(1.8e12 + second * 1000).toISOString(),
  }) as StoredEvent
const discovered = event(1, 'discovered', {
  nodes: [node('p1:1', one, [[0, 8000]]), node('p2:1', two, [[8001, 16383]])],
})
const owners = ({ shards }: Moment) => shards.map(({ slots }) => slots)

test('each moment has the owners that slots had from then on, in the order of the shards of now', () => {
  const moments = historyOf(
    [
      discovered,
      event(2, 'node-changed', { node: node('p2:1', two, [[9000, 16383]]), what: ['slots'] }),
      event(3, 'node-changed', { node: node('p1:1', one, [[0, 8999]]), what: ['slots'] }, 2),
      event(4, 'node-changed', { node: node('p1:1', one, [[0, 8999]], true), what: ['failed'] }),
      event(5, 'node-removed', { id: 'id-of-p1:1', instance: 'p1:1' }),
    ],
    shards,
  )
  expect(moments.map(({ version }) => version)).toEqual([1, 3, 4, 5])
  expect(owners(moments[0]!)).toEqual([[[0, 8000]], [[8001, 16383]], []])
  // what was read at once is one moment
  expect(owners(moments[1]!)).toEqual([[[0, 8999]], [[9000, 16383]], []])
  expect(moments[1]!.what).toEqual([
    'The primary p2:1 serves 7,384 slots now.',
    'The primary p1:1 serves 9,000 slots now.',
  ])
  expect(moments[2]!.shards[0]!.nodes[0]).toMatchObject({ instance: 'p1:1', flags: ['fail'] })
  expect(owners(moments[3]!)).toEqual([[], [[9000, 16383]], []])
})

test('a shard that is gone keeps a place behind those of now', () => {
  const gone = event(1, 'discovered', { nodes: [node('old:1', 'old', [[0, 16383]])] })
  expect(historyOf([gone], shards)[0]!.shards.map(({ id }) => id)).toEqual([
    ...shards.map(({ id }) => id),
    'old',
  ])
})

test('where the log begins later, what no event names is as now, and nothing is told before all are named', () => {
  const moments = historyOf(
    [
      event(7, 'node-changed', { node: node('p1:1', one, [[0, 100]]), what: ['slots'] }),
      event(8, 'node-changed', { node: node('p2:1', two, [[101, 10922]]), what: ['slots'] }),
      event(9, 'node-changed', { node: node('p2:1', two, [[5461, 10922]]), what: ['slots'] }),
    ],
    shards,
  )
  expect(moments.map(({ version }) => version)).toEqual([8, 9])
  expect(owners(moments[0]!)).toEqual([[[0, 100]], [[101, 10922]], [[10923, 16383]]])
})

test('what changes no owner is no moment', () => {
  const again = event(2, 'node-changed', { node: node('p1:1', one, [[0, 8000]]), what: ['instance'] })
  expect(historyOf([discovered, again], shards)).toHaveLength(1)
  expect(historyOf([], shards)).toEqual([])
})
