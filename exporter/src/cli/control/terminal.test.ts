import { expect, it } from 'vitest'
import { escaped, harmless, harmlessIn } from './terminal.js'

const evil = '\u001b]0;title\u0007\u009b31m\u202eoot\u2028a\r\nplan p1 is ready'

it('what others said adds no line, no colour and no order of its own', () => {
  const shown = harmlessIn({ [evil]: [evil, 5, null, { reason: evil }] })
  expect(JSON.stringify(shown)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]|\\[nru]/u)
  expect(harmlessIn('Zürich 🎉')).toBe('Zürich 🎉')
  expect(harmless('one\ntwo\u001b[2J')).toBe('one\ntwo [2J')
})

it('what is printed is printed whole, also as JSON', () => {
  const text = JSON.stringify({ evil }, null, 2)
  expect(escaped(text)).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}\u2028]/u)
  expect(JSON.parse(escaped(text))).toEqual({ evil })
  expect(escaped('a\nb')).toBe('a\nb')
})
