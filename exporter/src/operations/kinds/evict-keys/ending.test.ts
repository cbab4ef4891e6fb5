import { expect, it } from 'vitest'
import { endingOf } from './ending.js'

const found = { checked: 1000, same: 1000, different: 0, missing: 0, gone: 0, examples: [] }
const sum = { evicted: 58_796, kept: 1200, bytes: 9_861_872 }

it('tells its numbers so that they can be read', () => {
  const { state, summary } = endingOf({ sum, found, counted: { matching: 2948, missed: 0 }, limited: false })
  expect(state).toBe('succeeded')
  expect(summary).toBe(
    '58,796 keys unlinked (9,861,872 bytes), 1,200 matched the pattern but not the rest and were left; ' +
      '1,000 of 1,000 left out are still there; 2,948 match now: written, or come to match, since it began',
  )
})

it('needs attention for keys that matched when it began and are as they were', () => {
  const ending = endingOf({ sum, found, counted: { matching: 3, missed: 2 }, limited: false })
  expect(ending.state).toBe('needs-attention')
  expect(ending.summary).toMatch(/3 match now, 2 of them as they were when it began; plan again for these$/)
})
