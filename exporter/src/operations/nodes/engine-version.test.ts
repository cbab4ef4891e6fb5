import { describe, expect, it } from 'vitest'
import { atLeast, dumpFits, restoreRisk } from './engine-version.js'

const redis = (version: string) => ({ engine: 'redis' as const, version })
const valkey = (version: string) => ({ engine: 'valkey' as const, version })

describe('restoreRisk', () => {
  it.each([
    ['7.0.15', true],
    ['7.2.12', true],
    ['7.4.8', true],
    ['7.4.9', false],
    ['8.0.6', true],
    ['8.2.5', true],
    ['8.2.6', false],
    ['8.4.10', false],
    ['8.6.2', true],
    ['8.6.3', false],
    ['8.10.0', false],
    ['9.0.0', false],
  ])('Redis %s: %s', (version, open) => {
    expect(restoreRisk(redis(version)) !== undefined).toBe(open)
  })

  it('knows of none in Valkey', () => {
    expect(restoreRisk(valkey('8.1.0'))).toBeUndefined()
  })
})

describe('dumpFits', () => {
  it.each([
    ['Redis 7.0 in itself', 10, 10, redis('7.0.15'), true],
    ['Redis 8 in Redis 7.0', 12, 10, redis('7.0.15'), false],
    ['Redis 7.0 in Valkey 9', 10, 80, valkey('9.0.0'), true],
    ['Redis 8 in Valkey 9', 12, 80, valkey('9.0.0'), false],
    ['Valkey 9 in Redis 8', 80, 12, redis('8.0.6'), false],
    ['Valkey 9 in itself', 80, 80, valkey('9.0.0'), true],
  ])('%s', (_, source, target, engine, fits) => {
    expect(dumpFits(source, target, engine)).toBe(fits)
  })
})

it.each([
  ['7.4', '7.4', true],
  ['7.10.1', '7.4', true],
  ['7.3.9', '7.4', false],
  ['8', '7.4', true],
  ['', '7.4', false],
])('atLeast: %s is %s or later: %s', (version, wanted, expected) => {
  expect(atLeast(version, wanted)).toBe(expected)
})
