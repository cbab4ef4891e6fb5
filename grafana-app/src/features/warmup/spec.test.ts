import { expect, test } from 'vitest'
import { draftOf, errorsOf, specOf, STANDARD } from './spec'

const demo = { type: 'cluster', name: 'demo' } as const
const standard = {
  source: demo,
  select: { maxBytes: 16_777_216 },
  rate: { keysPerSecond: 10_000, bytesPerSecond: 52_428_800 },
  ttl: { jitterPercent: 0 },
  conflict: 'skip',
  limits: { memoryShare: 0.9 },
  verify: { sample: 1000 },
  restore: 'safe',
}

test('only a source has to be chosen: the rest is as the API has it by default', () => {
  expect(errorsOf(STANDARD)).toEqual({})
  expect(specOf(STANDARD, demo)).toEqual(standard)
})

test.each([
  [
    { match: 'user:*', prefix: 'user:' },
    { select: { maxBytes: 16_777_216, match: 'user:*', prefix: 'user:' } },
  ],
  [{ types: ['hash', 'set'] as const }, { select: { maxBytes: 16_777_216, types: ['hash', 'set'] } }],
  [{ maxMiB: '0.5', minTtlSeconds: '60' }, { select: { maxBytes: 524_288, minTtlSeconds: 60 } }],
  [{ rate: {} }, { rate: {} }],
  [{ jitterPercent: '10', maxTtlSeconds: '3600' }, { ttl: { jitterPercent: 10, maxSeconds: 3600 } }],
  [{ conflict: 'replace' as const }, { conflict: 'replace' }],
  [{ limitMiB: '0.5' }, { limits: { bytes: 524_288, memoryShare: 0.9 } }],
  [{ limitKeys: '1000', memoryPercent: '75' }, { limits: { keys: 1000, memoryShare: 0.75 } }],
  [
    { sample: '0', restore: 'trusted' as const },
    { verify: { sample: 0 }, restore: 'trusted' },
  ],
])('%j is sent as %j, and comes back into the form', (part, sent) => {
  const draft = { ...STANDARD, source: 'cluster demo', ...part }
  const spec = specOf(draft, demo)
  expect(spec).toEqual({ ...standard, ...sent })
  expect(draftOf(spec)).toEqual(draft)
})

test.each([
  [{ maxMiB: '' }, ['maxMiB']],
  [{ maxMiB: '0', memoryPercent: '100' }, ['maxMiB', 'memoryPercent']],
  [{ minTtlSeconds: '0.5' }, ['minTtlSeconds']],
  [{ jitterPercent: '51' }, ['jitterPercent']],
  [{ limitKeys: 'all', limitMiB: '0' }, ['limitKeys', 'limitMiB']],
  [{ sample: '-1' }, ['sample']],
])('%j is wrong', (part, fields) => {
  expect(Object.keys(errorsOf({ ...STANDARD, ...part }))).toEqual(fields)
})
