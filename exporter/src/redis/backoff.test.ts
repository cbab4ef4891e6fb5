import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.js'

describe('Backoff', () => {
  /** How long it waits after each of `n` failures, when every attempt comes as early as it may. */
  const waits = (n: number, random: () => number) => {
    let now = 1000
    const backoff = new Backoff<string>(() => now, random)
    return Array.from({ length: n }, () => {
      backoff.failed('down')
      const from = now
      while (backoff.tooEarly !== undefined) now++
      return now - from
    })
  }

  it('lets the first attempt after a failure through, then waits twice as long each time', () => {
    expect(waits(5, () => 0)).toEqual([0, 100, 200, 400, 800])
    expect(waits(12, () => 0).at(-1)).toBe(30_000)
  })

  it('cuts a wait by up to a half, so that many do not come back together', () => {
    expect(waits(5, () => 1)).toEqual([0, 50, 100, 200, 400])
  })

  it('says what failed while it is too early, and forgets it when it works', () => {
    const backoff = new Backoff<string>(() => 0)
    backoff.failed('refused')
    backoff.failed('timed out')
    expect(backoff.tooEarly).toBe('timed out')
    backoff.reset()
    expect(backoff.tooEarly).toBeUndefined()
    backoff.failed('refused')
    expect(backoff.tooEarly).toBeUndefined()
  })
})
