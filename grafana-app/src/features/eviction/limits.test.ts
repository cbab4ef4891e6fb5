import { expect, test } from 'vitest'
import { pressure, sayDrift, sayValue } from './limits'

const MIB = 1024 ** 2

test.each([
  [undefined, MIB, undefined],
  [MIB, undefined, undefined],
  [MIB, 0, { share: 0, tone: 'neutral', text: '1 MiB, no limit' }],
  [32 * MIB, 64 * MIB, { share: 0.5, tone: 'good', text: '32 MiB of 64 MiB (50 %)' }],
  [80 * MIB, 100 * MIB, { share: 0.8, tone: 'warning', text: '80 MiB of 100 MiB (80 %)' }],
  [101 * MIB, 100 * MIB, { share: 1.01, tone: 'bad', text: '101 MiB of 100 MiB (101 %)' }],
])('%s of %s', (used, max, expected) => {
  expect(pressure(used, max)).toEqual(expected)
})

test('drift names who is different', () => {
  expect(
    sayDrift([
      {
        parameter: 'policy',
        values: [
          { value: 'noeviction', nodes: ['d:4'] },
          { value: 'allkeys-lru', nodes: ['a:1', 'b:2', 'c:3'] },
        ],
      },
      {
        parameter: 'maxmemory',
        values: [
          { value: 64 * MIB, nodes: ['a', 'b', 'c', 'd', 'e'] },
          { value: 0, nodes: ['f', 'g', 'h', 'i'] },
        ],
      },
    ]),
  ).toEqual([
    'maxmemory-policy is allkeys-lru on 3 of 4 nodes, but noeviction on d:4.',
    'maxmemory is 64 MiB on 5 of 9 nodes, but no limit on f, g, h and 1 more.',
  ])
})

test('only memory has a unit', () => {
  expect(sayValue('maxmemory', '67108864')).toBe('64 MiB')
  expect(sayValue('maxmemory', '0')).toBe('no limit')
  expect(sayValue('maxmemory-samples', '10')).toBe('10')
})
