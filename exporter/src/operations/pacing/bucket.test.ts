import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bucket } from './bucket.js'

/** Takes slices as soon as they are permitted, for so many ms. @returns how much was taken */
function taken(rate: () => number | undefined, slice: number, forMs: number): number {
  let now = 0
  const bucket = new Bucket(rate, () => now)
  let sum = 0
  while (now < forMs) {
    const wait = bucket.waitMs()
    if (wait > 0) now += Math.ceil(wait)
    else {
      bucket.take(slice)
      sum += slice
      now += 0.1
    }
  }
  return sum
}

describe('Bucket', () => {
  it('gives on average just the rate, whatever the slices', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 100_000 }), fc.integer({ min: 1, max: 100 }), (rate, part) => {
        const slice = Math.max(1, Math.min(Math.floor(rate / 20), Math.floor((rate * part) / 1000)))
        const seconds = 20
        const sum = taken(() => rate, slice, seconds * 1000)
        expect(sum / seconds / rate).toBeGreaterThan(0.95)
        expect((sum - slice) / seconds / rate).toBeLessThan(1.05)
      }),
      { numRuns: 20 },
    )
  })

  it('lets everything pass without a rate, and owes nothing when it gets one', () => {
    let now = 0
    const limit: { rate?: number } = {}
    const bucket = new Bucket(
      () => limit.rate,
      () => now,
    )
    bucket.take(1e9)
    expect(bucket.waitMs()).toBe(0)
    limit.rate = 10
    expect(bucket.waitMs()).toBe(0)
    bucket.take(10)
    expect(bucket.waitMs()).toBe(1000)
    now += 400
    expect(bucket.waitMs()).toBe(600)
  })

  it('gives back what was not needed', () => {
    const bucket = new Bucket(
      () => 10,
      () => 0,
    )
    bucket.take(10)
    bucket.take(-10)
    expect(bucket.waitMs()).toBe(0)
  })

  it('saves up little while nobody takes', () => {
    let now = 0
    const bucket = new Bucket(
      () => 100,
      () => now,
    )
    now = 60_000
    bucket.take(120)
    expect(bucket.waitMs()).toBeGreaterThan(900)
  })
})
