import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SlotSet } from './slot-set.js'

it('has the same slots after a way through its ranges', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 16_383 })), (slots) => {
      const set = new SlotSet(slots.map((slot) => [slot, slot]))
      const again = new SlotSet(set.ranges())
      expect(again.size).toBe(new Set(slots).size)
      expect(slots.every((slot) => again.has(slot))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

it('adds, takes away and intersects', () => {
  const set = new SlotSet([[0, 10]])
  set.remove(new SlotSet([[3, 4]]))
  expect(set.ranges()).toEqual([
    [0, 2],
    [5, 10],
  ])
  expect(set.and(new SlotSet([[2, 5]])).ranges()).toEqual([
    [2, 2],
    [5, 5],
  ])
  set.addAll(SlotSet.all())
  expect(set.ranges()).toEqual([[0, 16_383]])
})
