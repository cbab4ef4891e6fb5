import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Repeated } from './repeated.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('what is done from time to time', () => {
  const start = (act: () => Promise<void>) => {
    const errors: string[] = []
    const repeated = new Repeated(({ message }) => errors.push(message))
    repeated.every(1000, 'a digest', act)
    return { repeated, errors }
  }

  it('fails and works again', async () => {
    let failure: string | undefined
    const { repeated, errors } = start(() =>
      failure === undefined ? Promise.resolve() : Promise.reject(new Error(failure)),
    )
    await vi.advanceTimersByTimeAsync(1000)
    expect([repeated.works, errors]).toEqual([true, []])
    failure = 'the disk is full'
    await vi.advanceTimersByTimeAsync(2000)
    expect([repeated.works, errors]).toEqual([false, ['the disk is full', 'the disk is full']])
    failure = undefined
    await vi.advanceTimersByTimeAsync(1000)
    expect([repeated.works, errors.length]).toEqual([true, 2])
  })

  it('fails when it hangs, and is not begun again before that has ended', async () => {
    const hanging: (() => void)[] = []
    const { repeated, errors } = start(() => new Promise((resolve) => hanging.push(resolve)))
    await vi.advanceTimersByTimeAsync(1999)
    expect([repeated.works, hanging.length]).toEqual([true, 1])
    await vi.advanceTimersByTimeAsync(3001)
    expect([repeated.works, hanging.length]).toEqual([false, 1])
    expect(new Set(errors)).toEqual(
      new Set(['a digest takes longer than 1 s; does its disk or its server hang?']),
    )
    hanging[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(repeated.works).toBe(true)
    await vi.advanceTimersByTimeAsync(1000)
    expect(hanging).toHaveLength(2)
    repeated.stop()
    hanging[1]!()
    await vi.advanceTimersByTimeAsync(5000)
    expect(hanging).toHaveLength(2)
  })
})
