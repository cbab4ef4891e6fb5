import { describe, expect, it } from 'vitest'
import { encodePipeline } from '../../../redis/frames.js'
import { itemOf } from './pass.js'
import { digestOf, Sample } from './sample.js'

/** A key as it stands on the wire. */
const bulks = (...words: string[]) => encodePipeline([words]).subarray(4)
const written = (key: string, value: string) => Object.assign(itemOf(bulks(key)), { value: bulks(value) })

describe('Sample', () => {
  it('has a key that is written again once, with its last value', () => {
    const sample = new Sample(2, () => 0.99, true)
    const last = written('a', 'second')
    for (const item of [written('a', 'first'), written('b', 'v'), last, written('c', 'v')])
      sample.written(item)
    expect(sample.keys()).toHaveLength(2)
    expect(sample.keys()[0]!.digest).toBe(digestOf(last))
  })

  it('forgets the place of a key that another one has taken', () => {
    const sample = new Sample(1, () => 0, true)
    for (const item of [written('a', 'v'), written('b', 'v'), written('a', 'again')]) sample.written(item)
    expect(sample.keys().map(({ key }) => key.toString())).toEqual([bulks('a').toString()])
  })
})

it('takes scores to be the same that servers write in different ways', () => {
  const digest = (score: string) =>
    digestOf(Object.assign(itemOf(bulks('z')), { how: 'zset', elements: 2, value: bulks(score, 'm') }))
  expect(digest('1e400')).toBe(digest('inf'))
  expect(digest('-1e400')).toBe(digest('-inf'))
  expect(digest('0.10000000000000001')).toBe(digest('0.1'))
})
