import { expect, test } from 'vitest'
import { cut, visible } from './keyText'

test.each([
  ['user:1', 'user:1'],
  ['naïve:日本:😀', 'naïve:日本:😀'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\u001b[31mred\u0007', '\\x1b[31mred\\x07'],
  ['admin\u202eexe.txt', 'admin\\u202eexe.txt'],
  ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
  ['half\ud800', 'half\\ud800'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
  ['nb\u00a0sp', 'nb\\xa0sp'],
  ['\\x00 as the API wrote it', '\\x00 as the API wrote it'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
])('%j is shown as %s', (name, shown) => {
  expect(visible(name)).toBe(shown)
})

test('a long name keeps its beginning and its end, in whole characters', () => {
  expect(cut('short')).toEqual({ text: 'short', whole: true })
  const long = cut(`head${'😀'.repeat(500)}tail`, 20)
  expect(long).toEqual({ text: `head${'😀'.repeat(11)}…😀tail`, whole: false })
})
