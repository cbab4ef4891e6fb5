import { expect, test } from 'vitest'
import { draftOf, errorsOf, isComplete, sayCriteria, specOf, STANDARD, timeText } from './spec'

const standard = {
  match: 's:*',
  count: 'sample',
  rate: { keysPerSecond: 10_000 },
  limits: {},
  verify: { sample: 1000 },
}
const draft = { ...STANDARD, match: 's:*' }

test('only a pattern has to be given', () => {
  expect(isComplete(STANDARD)).toBe(false)
  expect(errorsOf(STANDARD)).toEqual({})
  expect(isComplete(draft)).toBe(true)
  expect(specOf(draft)).toEqual(standard)
})

test.each([
  [{ idleOver: '30d' }, { idleOver: '30d' }],
  [{ idleOver: '90' }, { idleOver: 90 }],
  [{ freqUnder: '5' }, { freqUnder: 5 }],
  [{ ttlUnder: '15m' }, { ttlUnder: '15m' }],
  [{ noTtl: true }, { noTtl: true }],
  [{ sizeOverKiB: '0.5' }, { sizeOver: 512 }],
  [{ types: ['hash', 'set'] as const }, { types: ['hash', 'set'] }],
  [{ limitKeys: '100', limitPercent: '10' }, { limits: { keys: 100, share: 0.1 } }],
  [{ limitMiB: '0.5' }, { limits: { bytes: 524_288 } }],
  [
    { match: '*', all: true, count: 'full' as const },
    { match: '*', all: true, count: 'full' },
  ],
  [
    { rate: {}, sample: '0' },
    { rate: {}, verify: { sample: 0 } },
  ],
])('%j is sent as %j', (part, sent) => {
  expect(specOf({ ...draft, ...part })).toEqual({ ...standard, ...sent })
})

test('a plan that was made comes back into the form', () => {
  const spec = {
    ...standard,
    all: false,
    noTtl: true,
    types: ['hash'],
    idleOver: 2_592_000,
    sizeOver: 2048,
    limits: { keys: 7, bytes: 2_097_152, share: 0.1 },
  }
  expect(draftOf(spec)).toEqual({
    ...draft,
    noTtl: true,
    types: ['hash'],
    idleOver: '30d',
    sizeOverKiB: '2',
    limitKeys: '7',
    limitMiB: '2',
    limitPercent: '10',
  })
})

test.each([
  [{ match: '*' }, ['match']],
  [{ match: '?*' }, ['match']],
  [{ idleOver: 'a month' }, ['idleOver']],
  [{ idleOver: '0d' }, ['idleOver']],
  [{ idleOver: '1d', freqUnder: '5' }, ['freqUnder']],
  [{ ttlUnder: '1h', noTtl: true }, ['ttlUnder']],
  [{ freqUnder: '256' }, ['freqUnder']],
  [{ sizeOverKiB: '0' }, ['sizeOverKiB']],
  [{ limitKeys: '1.5', limitMiB: '0', limitPercent: '101' }, ['limitKeys', 'limitMiB', 'limitPercent']],
  [{ sample: '' }, ['sample']],
])('%j is wrong', (part, fields) => {
  expect(Object.keys(errorsOf({ ...draft, ...part }))).toEqual(fields)
})

test('times and criteria as people say them', () => {
  expect([60, 90, 3600, 86_400 * 30, undefined].map(timeText)).toEqual(['1m', '90s', '1h', '30d', ''])
  expect(sayCriteria({ match: 's:*', idleOver: 3600, noTtl: true, types: ['hash'] })).toBe(
    'match s:*, are of type hash, are idle for more than 1h, never expire',
  )
})
