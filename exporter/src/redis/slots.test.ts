import { describe, expect, it } from 'vitest'
import { slotOf } from './slots.js'

describe('slotOf', () => {
  // As CLUSTER KEYSLOT answers.
  it.each([
    ['', 0],
    ['foo', 12_182],
    ['123456789', 12_739],
    ['{user1000}.following', 3443],
    ['{user1000}.followers', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['foo{bar}{zap}', 5061],
    ['foo{bar', 15_278],
  ])('%j', (key, slot) => {
    expect(slotOf(Buffer.from(key))).toBe(slot)
  })

  it('looks at nothing outside its range', () => {
    const frame = Buffer.from('}{x}$3\r\nfoo\r\n{y}')
    expect(slotOf(frame, 8, 11)).toBe(slotOf(Buffer.from('foo')))
  })
})
