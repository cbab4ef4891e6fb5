import { expect, it } from 'vitest'
import { sayFrozen, withoutReason } from './frozen.js'

const REASON = 'incident 42'
const HIDDEN = 'frozen; a token with the scope admin that is limited to no cluster ends that'

it.each([
  ['by whom and since when', { by: { token: 'root' }, since: '2026-11-22T12:00:00Z' }],
  ['since when', { since: '2026-11-22T12:00:00Z' }],
  ['neither', {}],
])('the reason of a freeze is taken out of what is told, also where that has %s', (_, more) => {
  const told = sayFrozen({ on: true, reason: REASON, ...more })
  expect(told).toContain(REASON)
  expect(withoutReason(told)).toBe(HIDDEN)
  expect(withoutReason(`operations are ${told}`)).toBe(`operations are ${HIDDEN}`)
})

it('what waits for something else keeps its text', () => {
  expect(withoutReason('127.0.0.1:7000 is frozen out: no answer')).toBe(
    '127.0.0.1:7000 is frozen out: no answer',
  )
})
