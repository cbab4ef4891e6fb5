import { describe, expect, it } from 'vitest'
import { addEstimates, estimateBytes, estimateKeys, estimateSeconds, exactly } from './estimate.js'

describe('estimateKeys', () => {
  it.each([
    [50, 100, 1000, { value: 500, low: 404, high: 596 }],
    [0, 1000, 1_000_000, { value: 0, low: 0, high: 3827 }],
    [1000, 1000, 1_000_000, { value: 1_000_000, low: 996_173, high: 1_000_000 }],
    [3, 10, 10, { value: 3, low: 3, high: 3 }],
    [0, 0, 7, { value: 0, low: 0, high: 7 }],
  ])('%i of %i of %i', (matched, looked, total, expected) => {
    expect(estimateKeys(matched, looked, total)).toEqual(expected)
  })
})

it('bytes are as unsure as keys and their mean together', () => {
  expect(estimateBytes([100, 100, 100], { value: 10, low: 5, high: 20 })).toEqual({
    value: 1000,
    low: 500,
    high: 2000,
  })
  const { low, value, high } = estimateBytes([50, 150], exactly(10))
  expect([low < value, value, high > value]).toEqual([true, 1000, true])
  expect(estimateBytes([], exactly(0))).toEqual(exactly(0))
})

it('shards add up, their errors as squares', () => {
  const shard = { value: 100, low: 70, high: 130 }
  expect(addEstimates([shard, shard, shard, shard])).toEqual({ value: 400, low: 340, high: 460 })
  expect(addEstimates([exactly(3), exactly(4)])).toEqual(exactly(7))
})

it('seconds follow the rate, and the looking', () => {
  const found = { keys: 10_000, bytes: 1_000_000, looked: 300_000 }
  expect(estimateSeconds(found, { keysPerSecond: 1000 })).toBe(10)
  expect(estimateSeconds(found, { bytesPerSecond: 10_000 })).toBe(100)
  expect(estimateSeconds(found, {})).toBe(2)
})
