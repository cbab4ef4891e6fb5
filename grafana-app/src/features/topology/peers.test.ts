import { expect, test } from 'vitest'
import { amongPeers } from './peers'

const samples = (values: Record<string, number>) =>
  Object.entries(values).map(([instance, value]) => ({ labels: { instance }, value }))

test.each([
  ['like its peers', { a: 100, b: 90, c: 110 }, undefined],
  ['far above them', { a: 1000, b: 90, c: 110 }, 10],
  ['the only one that has any', { a: 1000, b: 0, c: 0 }, Infinity],
  ['none, while they have', { a: 0, b: 100, c: 100 }, 0],
  ['noise on all', { a: 9, b: 1, c: 1 }, undefined],
  ['beside one peer, where nobody can say which is odd', { a: 1000, b: 10 }, undefined],
])('a value %s', (_, values, times) => {
  expect(amongPeers(samples(values), ['a', 'b', 'c'], 10)('a').times).toBe(times)
})

test('only peers count, and a figure that is not compared is not judged', () => {
  const beside = amongPeers(samples({ a: 1000, b: 1, c: 3, replica: 9 }), ['b', 'a', 'c'], undefined)('a')
  expect(beside).toEqual({ own: 1000, peers: { low: 1, median: 2, high: 3 }, times: undefined })
})

test('what Prometheus does not have is not known', () => {
  expect(amongPeers([], ['a', 'b'], 1)('a')).toEqual({ own: undefined, peers: undefined, times: undefined })
})

test('each is compared with the others, not with itself', () => {
  const besideOf = amongPeers(samples({ a: 5, b: 1, c: 5, d: 9 }), ['a', 'b', 'c', 'd'], 1)
  expect(besideOf('b').peers).toEqual({ low: 5, median: 5, high: 9 })
  expect(besideOf('c').peers).toEqual({ low: 1, median: 5, high: 9 })
  expect(besideOf('d').peers).toEqual({ low: 1, median: 5, high: 5 })
})
