import { expect, it } from 'vitest'
import { Cancelled } from '../../kind.js'
import { endingOf, endOf, tell } from './ending.js'
import { Forbidden } from './node-link.js'

const found = { checked: 1000, same: 1000, different: 0, missing: 0, gone: 0, examples: [] }
const sum = { evicted: 58_796, kept: 1200, bytes: 9_861_872 }

it('tells its numbers so that they can be read', () => {
  const { state, summary } = endingOf({
    sum,
    unknown: 0,
    found,
    counted: { matching: 2948, missed: 0 },
    limited: false,
  })
  expect(state).toBe('succeeded')
  expect(summary).toBe(
    '58,796 keys unlinked (9,861,872 bytes), 1,200 matched the pattern but not the rest and were left; ' +
      '1,000 of 1,000 left out are still there; 2,948 match now: written, or come to match, since it began',
  )
})

it('needs attention for keys that matched when it began and are as they were', () => {
  const ending = endingOf({ sum, unknown: 0, found, counted: { matching: 3, missed: 2 }, limited: false })
  expect(ending.state).toBe('needs-attention')
  expect(ending.summary).toMatch(/3 match now, 2 of them as they were when it began; plan again for these$/)
})

const end = (unknown: number, limited: boolean, matching: number) =>
  endingOf({ sum, unknown, found, counted: { matching, missed: 0 }, limited })

it('says what was unlinked as a fact only where it is one', () => {
  const { state, summary } = end(50, false, 0)
  expect(state).toBe('succeeded')
  expect(summary).toMatch(
    /^at least 58,796 keys unlinked \(9,861,872 bytes\), at most 58,846: a process or a /,
  )
})

it('says how much went by then, however it is stopped', () => {
  const told =
    'at least 58,796 keys unlinked (9,861,872 bytes), at most 58,846: a process or a connection ended'
  const done = tell(sum, 50)
  const stopped = endOf(new Forbidden('a:1: NOPERM'), done)
  expect(stopped.state).toBe('needs-attention')
  expect(stopped.summary).toContain(`stopped before the end: a:1: NOPERM; ${told}`)
  const cancelled = endOf(new Cancelled('x'), done)
  expect(cancelled.state).toBe('cancelled')
  expect(cancelled.summary).toContain(`cancelled: ${told}`)
})

it('does not say that a cap is reached which reservations have used up', () => {
  const reached = end(0, true, 10)
  expect(reached.state).toBe('succeeded')
  expect(reached.summary).toMatch(/^the limit is reached: 58,796 keys unlinked/)
  const { state, summary } = end(50, true, 10)
  expect(state).toBe('needs-attention')
  expect(summary).toMatch(/^the cap is used up by reservations: at least 58,796 .* plan again for the rest$/)
  expect(end(50, true, 0).state).toBe('succeeded')
})
