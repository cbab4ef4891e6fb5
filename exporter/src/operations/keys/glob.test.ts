import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatches } from './glob.js'

const matches = (pattern: string, key: string) => globMatches(Buffer.from(pattern), Buffer.from(key))

describe('globMatches', () => {
  it.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['', '', true],
    ['', 'a', false],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c*e', 'abcde', true],
    ['a*c*f', 'abcde', false],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h[ae]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[^e]llo', 'hallo', true],
    ['h[a-c]llo', 'hbllo', true],
    ['h[c-a]llo', 'hbllo', true],
    ['[a', 'a', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['[\\]]', ']', true],
    ['user:*:name', 'user:1:2:name', true],
  ])('%j on %j: %j', (pattern, key, expected) => {
    expect(matches(pattern, key)).toBe(expected)
  })

  it('takes a pattern without special bytes as it stands', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const escaped = Buffer.from([...a].flatMap((byte) => [92, byte]))
        expect(globMatches(escaped, Buffer.from(a))).toBe(true)
        expect(globMatches(escaped, Buffer.from(b))).toBe(Buffer.from(a).equals(Buffer.from(b)))
      }),
    )
  })

  it('comes to an end on patterns that make others search for ever', () => {
    expect(matches('*a'.repeat(500) + 'b', 'a'.repeat(5000))).toBe(false)
  })
})
