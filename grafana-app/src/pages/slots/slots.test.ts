import { expect, test } from 'vitest'
import { threeShards } from '../../test/topology'
import { colorOf, mix } from './draw'
import { heatOf, hottest } from './heat'
import { parseSlot, rangeAt, rangesOf } from './ranges'

const said = (topology: Parameters<typeof rangesOf>[0]) =>
  rangesOf(topology).map(({ from, to, owner }) => [
    from,
    to,
    owner?.number ?? 'nobody',
    owner?.served ?? false,
  ])

test('ranges are all slots in order, with those that nobody has', () => {
  const topology = threeShards()
  const [first, , third] = topology.shards
  const holes = [
    { ...third!, slots: [[12_000, 16_000]] as [number, number][] },
    {
      ...first!,
      slots: [
        [0, 10],
        [12, 12],
      ] as [number, number][],
    },
  ]
  expect(said({ shards: holes })).toEqual([
    [0, 10, 2, true],
    [11, 11, 'nobody', false],
    [12, 12, 2, true],
    [13, 11_999, 'nobody', false],
    [12_000, 16_000, 1, true],
    [16_001, 16_383, 'nobody', false],
  ])
})

test('after a failover the slots are of the node that serves', () => {
  const after = threeShards({ 'p2:1': { flags: ['fail'] }, 'r2:1': { role: 'primary' } })
  expect(rangeAt(rangesOf(after), 6000)?.owner).toMatchObject({ served: true, primary: { instance: 'r2:1' } })
  const lost = threeShards({ 'p2:1': { flags: ['fail'] } })
  expect(rangeAt(rangesOf(lost), 6000)?.owner).toMatchObject({ served: false, primary: { instance: 'p2:1' } })
})

test.each([
  ['0', 0],
  ['16383', 16_383],
  ['16384', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['', undefined],
])('the text %j is the slot %j', (text, slot) => {
  expect(parseSlot(text)).toBe(slot)
})

test('what is hot is told with its share of what is known', () => {
  const heat = heatOf([
    { labels: { slot: '7' }, value: 30 },
    { labels: { slot: '9' }, value: 10 },
    { labels: { slot: '11' }, value: 0 },
    { labels: { slot: 'x' }, value: 99 },
    { labels: { slot: '99999' }, value: 99 },
  ])
  expect(hottest(heat, 5)).toEqual([
    { slot: 7, value: 30, share: 0.75 },
    { slot: 9, value: 10, share: 0.25 },
  ])
  expect(heat[8]).toBeNaN()
})

test('colours are numbers, however they are written', () => {
  expect(colorOf('#1f60c4')).toEqual([31, 96, 196])
  expect(colorOf('rgb(31, 96, 196)')).toEqual([31, 96, 196])
  expect(mix([0, 0, 0], [100, 200, 50], 0.5)).toEqual([50, 100, 25])
})
