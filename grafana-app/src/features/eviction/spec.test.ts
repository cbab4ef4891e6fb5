import { expect, test } from 'vitest'
import { check, draftOf, EMPTY } from './spec'

const flags = { persist: false, allowEviction: false }

test.each([
  ['nothing', {}, flags, false],
  ['a policy', { policy: 'allkeys-lfu' }, { policy: 'allkeys-lfu', ...flags }, true],
  ['MiB', { maxmemory: '48' }, { maxmemory: 50_331_648, ...flags }, true],
  ['a part of a GiB', { maxmemory: '1.5', unit: 'GiB' }, { maxmemory: 1_610_612_736, ...flags }, true],
  ['no limit', { maxmemory: '0' }, { maxmemory: 0, ...flags }, true],
  ['samples', { samples: '10' }, { samples: 10, ...flags }, true],
  ['clients', { maxmemoryClients: ' 5% ' }, { maxmemoryClients: '5%', ...flags }, true],
  ['a switch', { lazyfreeExpire: 'no' }, { lazyfreeExpire: false, ...flags }, true],
  ['zero', { lfuDecayTime: '0' }, { lfuDecayTime: 0, ...flags }, true],
] as const)('%s', (_, part, spec, complete) => {
  expect(check({ ...EMPTY, ...part })).toMatchObject({ spec, complete, errors: {} })
})

test.each([
  [{ maxmemory: '-1' }, 'maxmemory'],
  [{ maxmemory: 'lots' }, 'maxmemory'],
  [{ maxmemory: '99999999999' }, 'maxmemory'],
  [{ samples: '0' }, 'samples'],
  [{ samples: '65' }, 'samples'],
  [{ samples: '1.5' }, 'samples'],
  [{ tenacity: '101' }, 'tenacity'],
  [{ activeExpireEffort: '0' }, 'activeExpireEffort'],
  [{ maxmemoryClients: '101%' }, 'maxmemoryClients'],
])('%j is not sent', (part, field) => {
  const { errors, complete } = check({ ...EMPTY, policy: 'noeviction', ...part })
  expect(Object.keys(errors)).toEqual([field])
  expect(complete).toBe(false)
})

test('a plan that is changed comes back into the form as it was', () => {
  const draft = {
    ...EMPTY,
    policy: 'volatile-ttl',
    maxmemory: '2',
    unit: 'GiB',
    samples: '7',
    tenacity: '50',
    maxmemoryClients: '5%',
    lazyfreeUserDel: 'no',
    persist: true,
  } as const
  expect(draftOf(check(draft).spec)).toEqual(draft)
  expect(draftOf(undefined)).toEqual(EMPTY)
})
