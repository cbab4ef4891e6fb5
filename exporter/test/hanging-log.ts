import { vi, type MockInstance } from 'vitest'
import type { EventLog } from '../src/events/log.js'

/** Lets a log hang in its appends, until it wakes up and does them. */
export function hangAppends(log: Pick<EventLog, 'append'>): {
  readonly appending: MockInstance<EventLog['append']>
  readonly wake: () => void
} {
  let wake = (): void => undefined
  const hanging = new Promise<void>((resolve) => (wake = resolve))
  const append = log.append.bind(log)
  const appending = vi.spyOn(log, 'append').mockImplementation(async (...args) => {
    await hanging
    return append(...args)
  })
  return { appending, wake }
}
