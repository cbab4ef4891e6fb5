import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SampleSummary } from '../../contract/eviction.js'
import { evictionPolicySpec, type EvictionValues } from '../../contract/kinds/eviction-policy.js'
import { nodeOf } from '../../../test/cluster-node.js'
import { advise, rules } from './advise.js'
import type { Facts } from './facts.js'
import type { Readout } from './readout.js'

const MIB = 1024 ** 2

const VALUES: EvictionValues = {
  policy: 'allkeys-lru',
  maxmemory: 100 * MIB,
  samples: 5,
  tenacity: 10,
  activeExpireEffort: 1,
  maxmemoryClients: 0,
  lazyfreeEviction: true,
  lazyfreeExpire: true,
  lazyfreeServerDel: true,
  replicaIgnoreMaxmemory: true,
}
const readout = (
  values: EvictionValues = {},
  info: Record<string, string | number> = {},
  of = nodeOf('a:1'),
): Readout => ({
  node: of,
  values: { ...VALUES, ...values },
  info: new Map(
    Object.entries({ used_memory: 50 * MIB, ...info }).map(([name, value]) => [name, String(value)]),
  ),
})
/** A cluster with which nothing is wrong, but for `more`. */
const facts = (more: Partial<Facts> = {}): Facts => ({
  readouts: [readout()],
  effective: more.readouts?.[0]?.values ?? VALUES,
  drift: [],
  unpersisted: [],
  pressure: { keys: 1000, expires: 900, spanSeconds: 1800, readsPerSecond: 100, hitRatio: 0.99 },
  ...more,
})
const one = (values: EvictionValues, info: Record<string, string | number> = {}) => ({
  readouts: [readout(values, info)],
})
const pressure = (more: Facts['pressure']) => ({ pressure: { ...facts().pressure, ...more } })
const replica = (values: EvictionValues) =>
  readout(values, {}, nodeOf('b:2', { role: 'replica', primaryId: 'a:1' }))
const bucket = (from: number, to: number | null, keys: number) => ({ from, to, keys })
const sample = (more: Partial<SampleSummary>): Pick<Facts, 'sample'> => ({
  sample: {
    ageSeconds: 60,
    summary: {
      keys: 9604,
      of: 100_000,
      marginPercent: 1,
      withTtl: 0.9,
      meanBytes: 100,
      ttlSeconds: [],
      bytes: [],
      from: ['b:2'],
      ...more,
    },
  },
})
/** One key of ten was used within a minute. */
const skewed = sample({ idleSeconds: [bucket(0, 60, 960), bucket(60, 3600, 8644)] })

type Case = readonly [name: string, rule: string, more: Partial<Facts>, spec?: object]
const FIRES: readonly Case[] = [
  [
    'a volatile policy and no TTL',
    'volatile-without-ttls',
    { ...one({ policy: 'volatile-ttl' }), ...pressure({ expires: 0 }) },
    { policy: 'allkeys-lru' },
  ],
  [
    'a volatile policy and hardly a TTL',
    'allkeys-over-volatile',
    { ...one({ policy: 'volatile-lfu' }), ...pressure({ expires: 20 }) },
    { policy: 'allkeys-lfu' },
  ],
  [
    'writes refused, keys with TTLs',
    'noeviction-rejects-writes',
    { ...one({ policy: 'noeviction' }), ...pressure({ rejectedPerSecond: 3 }) },
    { policy: 'volatile-lru' },
  ],
  [
    'writes refused, no TTLs',
    'noeviction-rejects-writes',
    { ...one({ policy: 'noeviction' }), ...pressure({ rejectedPerSecond: 3, expires: 0 }) },
    { policy: 'allkeys-lru' },
  ],
  ['a switch just now', 'settling-after-switch', { sinceSwitchSeconds: 60 }],
  [
    'few keys with most reads',
    'lfu-when-skewed',
    { ...skewed, ...pressure({ readsPerSecond: 10_000, evictedPerSecond: 5 }) },
    { policy: 'allkeys-lfu' },
  ],
  [
    'LFU that finds nothing',
    'lfu-is-flat',
    { ...one({ policy: 'allkeys-lfu' }), ...sample({ frequency: [bucket(0, 5, 9600), bucket(5, null, 4)] }) },
    { policy: 'allkeys-lru' },
  ],
  [
    'evicted before they expire',
    'evicted-before-expiry',
    pressure({ evictedPerSecond: 50, expiredPerSecond: 2, hitRatio: 0.5 }),
  ],
  ['no limit', 'no-limit', one({ maxmemory: 0 })],
  [
    'a smaller replica',
    'replica-smaller',
    { readouts: [readout(), replica({ maxmemory: 50 * MIB })] },
    { maxmemory: 100 * MIB },
  ],
  [
    'a smaller replica, beside a larger shard',
    'replica-smaller',
    {
      readouts: [
        readout(),
        replica({ maxmemory: 50 * MIB }),
        readout({ maxmemory: 200 * MIB }, {}, nodeOf('c:3')),
      ],
    },
    { maxmemory: 200 * MIB },
  ],
  ['an unlimited primary', 'replica-smaller', { readouts: [readout({ maxmemory: 0 }), replica({})] }],
  [
    'one full shard',
    'shard-skew',
    {
      readouts: [
        readout({}, { used_memory: 95 * MIB }),
        readout({}, { used_memory: 10 * MIB }, nodeOf('c:3')),
      ],
    },
  ],
  ['full within hours', 'growing-full', pressure({ secondsToFull: 7200, growthBytesPerSecond: 1000 })],
  [
    'eviction that is too slow',
    'eviction-falls-behind',
    one({}, { used_memory: 101 * MIB, current_eviction_exceeded_time: 5000 }),
    { tenacity: 50, lazyfreeEviction: true },
  ],
  ['large buffers', 'buffers-not-counted', one({}, { mem_not_counted_for_evict: 20 * MIB })],
  [
    'fragmentation',
    'fragmentation',
    one({}, { mem_fragmentation_ratio: 4, mem_fragmentation_bytes: 150 * MIB }),
  ],
  [
    'freeing in the main thread',
    'lazyfree-off',
    { ...one({ lazyfreeEviction: false }), ...pressure({ evictedPerSecond: 5 }) },
    { lazyfreeEviction: true },
  ],
  ['too few samples', 'samples', one({ samples: 3 }), { samples: 5 }],
  ['too many samples', 'samples', one({ samples: 64 }), { samples: 10 }],
  [
    'expired keys',
    'expired-keys-pile-up',
    one({}, { expired_stale_perc: '22.5' }),
    { activeExpireEffort: 3 },
  ],
  [
    'buffers of clients',
    'client-memory',
    one({}, { mem_clients_normal: 20 * MIB }),
    { maxmemoryClients: '10%' },
  ],
  [
    'nodes that disagree',
    'nodes-disagree',
    {
      drift: [
        {
          parameter: 'samples',
          values: [
            { value: 5, nodes: ['a:1', 'c:3'] },
            { value: 7, nodes: ['b:2'] },
          ],
        },
      ],
    },
    { samples: 5 },
  ],
  [
    'what a restart would lose',
    'lost-at-restart',
    { unpersisted: [{ parameter: 'samples', value: 7, nodes: ['a:1'], operation: 'o', configFile: true }] },
    { samples: 7, persist: true },
  ],
  [
    'no file to keep it',
    'lost-at-restart',
    { unpersisted: [{ parameter: 'samples', value: 7, nodes: ['a:1'], operation: 'o', configFile: false }] },
  ],
]

describe('advice where nothing is left to evict', () => {
  const volatile = one({ policy: 'volatile-lru' })

  it('says of a volatile policy without TTLs that writes are refused, once they are', () => {
    const found = (rejectedPerSecond: number) =>
      advise(facts({ ...volatile, ...pressure({ expires: 0, rejectedPerSecond }) })).find(
        ({ rule }) => rule === 'volatile-without-ttls',
      )!
    expect(found(0).why).toContain('a full node refuses writes')
    expect(found(3).why).toContain('writes are refused')
    expect(found(3).evidence).toContainEqual(
      expect.objectContaining({ figure: 'refused writes', value: '3 /s over 30 min' }),
    )
  })

  it.each([
    ['noeviction', 900, 'warning'],
    ['volatile-lru', 0, 'warning'],
    ['volatile-lru', 900, 'information'],
    ['allkeys-lru', 0, 'information'],
  ])('under %s with %i TTLs, growth is a %s', (policy, expires, severity) => {
    const growth = pressure({ secondsToFull: 7200, growthBytesPerSecond: 1000, expires })
    const found = advise(facts({ ...one({ policy }), ...growth })).find(({ rule }) => rule === 'growing-full')
    expect(found?.severity).toBe(severity)
  })
})

describe('advise', () => {
  it('has nothing to say of a cluster with which nothing is wrong', () => expect(advise(facts())).toEqual([]))

  it.each([
    ['without a limit', { maxmemory: 0 }, 101 * MIB],
    ['below the limit', {}, 50 * MIB],
  ])('does not say %s that eviction falls behind', (_, values, used_memory) => {
    const given = advise(facts(one(values, { used_memory, current_eviction_exceeded_time: 5000 })))
    expect(given.map(({ rule }) => rule)).not.toContain('eviction-falls-behind')
  })

  it.each(FIRES.map(([name, rule, more, spec]) => ({ name, rule, more, spec })))(
    '$name: $rule',
    ({ rule, more, spec }) => {
      const given = advise(facts(more))
      const found = given.find((one) => one.rule === rule)!
      expect(given.map((one) => one.rule)).toContain(rule)
      expect(found.spec).toEqual(spec)
      expect(found.evidence.length).toBeGreaterThan(0)
      for (const text of [found.what, found.why, found.todo]) expect(text).not.toMatch(/undefined|NaN|null/)
      for (const { value } of found.evidence) expect(value).not.toMatch(/undefined|NaN|null/)
      if (spec) expect(evictionPolicySpec.safeParse(spec).success).toBe(true)
    },
  )

  it('has a case here for every rule, and names each in the documentation', () => {
    const names = rules.map(({ name }) => name)
    expect(new Set(FIRES.map(([, rule]) => rule))).toEqual(new Set(names))
    const docs = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
    for (const name of names) expect(docs).toContain(`\`${name}\``)
  })

  it.each<[string, string, Partial<Facts>]>([
    [
      'an empty cluster has no TTLs',
      'volatile-without-ttls',
      { ...one({ policy: 'volatile-lru' }), ...pressure({ keys: 0, expires: 0 }) },
    ],
    [
      'refused writes long ago',
      'noeviction-rejects-writes',
      { ...one({ policy: 'noeviction' }), ...pressure({ rejectedPerSecond: 0 }) },
    ],
    ['growth of a minute', 'growing-full', pressure({ secondsToFull: 7200, spanSeconds: 60 })],
    ['a switch long ago', 'settling-after-switch', { sinceSwitchSeconds: 86_400 }],
    ['reads that are spread', 'lfu-when-skewed', { ...skewed, ...pressure({ readsPerSecond: 10 }) }],
    ['misses of what never was', 'evicted-before-expiry', pressure({ evictedPerSecond: 0, hitRatio: 0.2 })],
    [
      'buffers that do not count',
      'shard-skew',
      {
        readouts: [
          readout({}, { used_memory: 95 * MIB, mem_not_counted_for_evict: 50 * MIB }),
          readout({}, { used_memory: 10 * MIB }, nodeOf('c:3')),
        ],
      },
    ],
    [
      'a high ratio of little memory',
      'fragmentation',
      one({}, { mem_fragmentation_ratio: 9, mem_fragmentation_bytes: 9 * MIB }),
    ],
    ['samples of a random policy', 'samples', one({ policy: 'allkeys-random', samples: 1 })],
    ['lazyfree off and nothing freed', 'lazyfree-off', one({ lazyfreeEviction: false })],
  ])('%s: no %s', (_, rule, more) => {
    expect(advise(facts(more)).map((one) => one.rule)).not.toContain(rule)
  })

  it('gives warnings first', () => {
    const given = advise(
      facts({
        ...one({ samples: 64, maxmemory: 0, lazyfreeExpire: false }),
        ...pressure({ expiredPerSecond: 1 }),
      }),
    )
    expect(given.map(({ severity }) => severity)).toEqual(['warning', 'suggestion', 'information'])
  })
})
