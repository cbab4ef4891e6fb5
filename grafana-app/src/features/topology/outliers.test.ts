import { expect, test } from 'vitest'
import { outliers } from './outliers'

const values = (...numbers: number[]) => numbers.map((value, index) => ({ instance: `n${index}`, value }))

test.each([
  ['peers alike', values(100, 110, 95), []],
  ['one is hot', values(100, 110, 400), [['n2', 400 / 110]]],
  ['one is idle', values(100, 110, 0), [['n2', 0]]],
  ['two nodes are no crowd', values(100, 900), []],
  ['all is noise', values(0, 1, 5), []],
  ['only one does anything', values(0, 0, 50), [['n2', Infinity]]],
])('%s', (_, given, expected) => {
  expect(outliers(given, 20).map(({ instance, times }) => [instance, times])).toEqual(expected)
})

test('the farthest comes first', () => {
  expect(outliers(values(100, 100, 100, 300, 5), 20).map(({ instance }) => instance)).toEqual(['n4', 'n3'])
})
