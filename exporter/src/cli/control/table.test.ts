import { describe, expect, it } from 'vitest'
import { table } from './table.js'

const widthOf = (shown: string) => Math.max(...shown.split('\n').map((line) => line.length))
const rows = [
  ['0198c0c1-0000', 'a summary that takes much more room than a narrow terminal has', '12'],
  ['0198c0c1-0001', 'short', '7'],
]

describe('table', () => {
  it('is as wide as the terminal at most, and loses nothing', () => {
    const shown = table(['id', 'summary', 'n'], rows, 60)
    expect(widthOf(shown)).toBe(60)
    const letters = shown
      .split('\n')
      .map((line) => line.split('│')[2] ?? '')
      .join('')
    expect(letters.replace(/\s/g, '')).toContain(rows[0]![1]!.replace(/\s/g, ''))
  })

  it('is as wide as its content where nobody looks or there is room', () => {
    expect(table(['id', 'summary', 'n'], rows, Infinity)).toBe(table(['id', 'summary', 'n'], rows, 200))
    expect(widthOf(table(['id', 'summary', 'n'], rows, Infinity))).toBeGreaterThan(60)
  })
})
