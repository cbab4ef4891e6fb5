import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copiedTtl, NO_KEY, NO_TTL, sameLife, ttlFits } from './ttl.js'

const plain = { jitterPercent: 0 }

describe('sameLife', () => {
  it.each([
    ['none and none', NO_TTL, NO_TTL, 10, true],
    ['as much less as has passed', 1000, 995, 10, true],
    ['within the slack of clocks', 1000, 1002, 0, true],
    ['one more than before', 1000, 5000, 10, false],
    ['far less than has passed', 5000, 1000, 10, false],
    ['one given meanwhile', NO_TTL, 1000, 10, false],
    ['one taken meanwhile', 1000, NO_TTL, 10, false],
    ['gone meanwhile', 5, NO_KEY, 10, false],
  ])('%s', (_, before, after, elapsed, expected) => {
    expect(sameLife(before, after, elapsed)).toBe(expected)
  })
})

describe('copiedTtl', () => {
  it.each([
    ['none stays none', NO_TTL, plain, NO_TTL],
    ['as it is', 5000, plain, 5000],
    ['never 0', 0, plain, 1],
    ['a longer one is cut', 5000, { jitterPercent: 0, maxSeconds: 2 }, 2000],
    ['a shorter one is not', 1000, { jitterPercent: 0, maxSeconds: 2 }, 1000],
    ['none becomes the limit', NO_TTL, { jitterPercent: 0, maxSeconds: 2 }, 2000],
    ['none has nothing to spread', NO_TTL, { jitterPercent: 50 }, NO_TTL],
    ['half of a spread', 1000, { jitterPercent: 20 }, 900],
  ])('%s', (_, ttl, rules, expected) => {
    expect(copiedTtl(ttl, rules, () => 0.5)).toBe(expected)
  })

  it('makes what ttlFits accepts, at any age', () => {
    const rules = fc.record({
      jitterPercent: fc.integer({ min: 0, max: 50 }),
      maxSeconds: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(
        fc.oneof(fc.constant(NO_TTL), fc.integer({ min: 1, max: 1e8 })),
        rules,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (source, ttl, random, part) => {
          const copy = copiedTtl(source, ttl, () => random)
          const age = part * (Math.min(source < 0 ? Infinity : source, copy < 0 ? 1e6 : copy) - 1)
          const left = (ms: number) => (ms < 0 ? ms : ms - age)
          expect(ttlFits(left(source), left(copy), ttl, age)).toBe(true)
        },
      ),
    )
  })
})

describe('ttlFits', () => {
  it.each([
    ['none where there is one', 60_000, NO_TTL, plain, false],
    ['one where there is none', NO_TTL, 60_000, plain, false],
    ['longer than the source', 60_000, 70_000, plain, false],
    ['shorter than the source', 60_000, 50_000, plain, false],
    ['within the spread', 60_000, 50_000, { jitterPercent: 20 }, true],
    ['below the spread', 60_000, 40_000, { jitterPercent: 20 }, false],
    ['above the limit', 60_000, 60_000, { jitterPercent: 0, maxSeconds: 30 }, false],
  ])('%s', (_, source, target, rules, expected) => {
    expect(ttlFits(source, target, rules, 0)).toBe(expected)
  })
})
