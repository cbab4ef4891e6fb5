import { expect, it } from 'vitest'
import { histogramOf, marginOf, sharesOf, summarize } from './sample.js'

it('puts each value where it belongs, the last bucket without end', () =>
  expect(histogramOf([0, 9, 10, 99, 1e9], [0, 10, 100])).toEqual([
    { from: 0, to: 10, keys: 2 },
    { from: 10, to: 100, keys: 2 },
    { from: 100, to: null, keys: 1 },
  ]))

it.each([
  [9604, 10_000_000, 1],
  [100, 10_000_000, 9.8],
  [1000, 1000, 3.1],
  [0, 10, 100],
])('%i keys of %i: ±%f points', (keys, of, margin) => expect(marginOf(keys, of)).toBe(margin))

it.each([
  [[10, 30], 4, [1, 3]],
  [[0, 1, 1_000_000], 100, [0, 1, 100]],
  [[0, 0], 100, [0, 0]],
  [[5, 5], 100, [5, 5]],
])('of %j, %i in all: %j', (keys, total, shares) => expect(sharesOf(keys, total)).toEqual(shares))

it('counts what could be had', () => {
  const keys = [{ ttlMs: -1, bytes: 60 }, { ttlMs: 5000, bytes: 70, idleSeconds: 3 }, { ttlMs: 0 }]
  const summary = summarize(keys, { of: 100, from: ['b:1'] })
  expect(summary).toMatchObject({ keys: 3, withTtl: 2 / 3, meanBytes: 65 })
  expect(summary.idleSeconds!.map((bucket) => bucket.keys)).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
  expect(summary).not.toHaveProperty('frequency')
})
