import { expect, test } from 'vitest'
import { slotText } from './slots'

test.each([
  [[], 'no slots'],
  [[[0, 5460]], '5,461 slots: 0-5460'],
  [[[7, 7]], '1 slot: 7'],
  [
    [
      [0, 1],
      [3, 3],
      [5, 6],
      [9, 9],
    ],
    '6 slots: 0-1, 3, 2 more ranges',
  ],
] as [[number, number][], string][])('%j', (ranges, text) => expect(slotText(ranges)).toBe(text))
