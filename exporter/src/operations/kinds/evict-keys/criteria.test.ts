import { describe, expect, it } from 'vitest'
import { evictKeysSpec } from '../../../contract/kinds/evict-keys.js'
import { criteriaOf, impossible, matches, nameMatches, settling, type Looked } from './criteria.js'
import { lastSwitch } from './policy-switch.js'
import { lagging } from './watch.js'

const spec = (more: object = {}) => evictKeysSpec.parse({ match: 's:*', ...more })
const key: Looked = { key: Buffer.from('s:1'), type: 'string', ttlMs: 60_000, bytes: 100, use: 50 }

describe('a spec', () => {
  it('takes times and sizes as people write them, and what it made of them', () => {
    const read = spec({ idleOver: '30d', ttlUnder: '15m', sizeOver: '1mb', limits: { bytes: '1gb' } })
    expect(read).toMatchObject({ idleOver: 2_592_000, ttlUnder: 900, sizeOver: 1_048_576 })
    expect(evictKeysSpec.parse(read)).toEqual(read)
  })

  it.each([
    [{ match: '*' }, /\* is every key; say so with all: true/],
    [{ match: '?*' }, /is every key/],
    [{ match: '[^]*' }, /is every key/],
    [{ match: '*[^' }, /is every key/],
    [{ idleOver: 5, freqUnder: 5 }, /either idle times or frequencies/],
    [{ ttlUnder: 5, noTtl: true }, /give ttlUnder or noTtl/],
    [{ idleOver: '5 days' }, /seconds, or a number with s, m, h or d/],
    [{ limits: { share: 0 } }, /expected number to be >0/],
  ])('%j is refused', (wrong, message) => {
    expect(evictKeysSpec.safeParse({ match: 's:*', ...wrong }).error?.message).toMatch(message)
  })

  it('of every key is taken when that is said', () => {
    expect(spec({ match: '*', all: true })).toMatchObject({ all: true })
  })
})

describe('a key', () => {
  it.each([
    [{}, {}, true],
    [{}, { key: Buffer.from('t:1') }, false],
    [{ types: ['hash'] }, {}, false],
    [{ types: ['hash', 'string'] }, {}, true],
    [{ noTtl: true }, {}, false],
    [{ noTtl: true }, { ttlMs: -1 }, true],
    [{ ttlUnder: 60 }, {}, false],
    [{ ttlUnder: 61 }, {}, true],
    [{ ttlUnder: 61 }, { ttlMs: -1 }, false],
    [{ idleOver: 50 }, {}, false],
    [{ idleOver: 49 }, {}, true],
    [{ freqUnder: 50 }, {}, false],
    [{ freqUnder: 51 }, {}, true],
    [{ sizeOver: 100 }, {}, false],
    [{ sizeOver: 99 }, {}, true],
  ])('by %j, being %j: %s', (criteria, more, expected) => {
    expect(matches(criteriaOf(spec(criteria)), { ...key, ...more })).toBe(expected)
  })

  it('has to begin with a prefix of the token, byte by byte', () => {
    const within = (name: Buffer) => nameMatches(criteriaOf(spec(), ['s:\u00e9']), name)
    expect(within(Buffer.from('s:\u00e9:1'))).toBe(true)
    expect(within(Buffer.from('s:e\u0301:1'))).toBe(false)
    expect(within(Buffer.from([115, 58, 0xc3]))).toBe(false)
  })
})

it.each([
  [{ idleOver: 5 }, 'allkeys-lru', '7.0.15', undefined],
  [{ idleOver: 5 }, 'volatile-lfu', '7.0.15', /idleOver: under maxmemory-policy volatile-lfu/],
  [{ freqUnder: 5 }, 'allkeys-lfu', '8.0', undefined],
  [{ freqUnder: 5 }, 'noeviction', '8.0', /freqUnder: under maxmemory-policy noeviction/],
  [{}, 'allkeys-lfu', '6.2.1', /redis 6.2.1 has no scripts with flags/],
])('%j under %s on %s', (criteria, policy, version, reason) => {
  const node = { instance: 'a:1' } as Parameters<typeof impossible>[1]['node']
  const problem = impossible(spec(criteria), { node, engine: { engine: 'redis', version }, policy })
  if (reason) expect(problem?.reason).toMatch(reason)
  else expect(problem).toBeUndefined()
})

it.each([
  [{ idleOver: 3600 }, 60, true],
  [{ idleOver: 60 }, 3600, false],
  [{ freqUnder: 5 }, 3600, true],
  [{ freqUnder: 5 }, 86_400, false],
  [{}, 1, false],
  [{ idleOver: 5 }, undefined, false],
])('%j, switched %s s ago, has to settle: %s', (criteria, ago, expected) => {
  expect(settling(spec(criteria), ago) !== undefined).toBe(expected)
})

it('the last switch between LRU and LFU is told by the operations of the cluster', () => {
  const operation = (cluster: string, from: string, to: string, endedAt?: string) => ({
    cluster,
    startedAt: '2026-01-01T00:00:00Z',
    ...(endedAt !== undefined && { endedAt }),
    changes: [{ node: 'a', shard: 's', role: 'primary' as const, parameter: 'maxmemory-policy', from, to }],
  })
  const operations = [
    operation('demo', 'allkeys-lru', 'allkeys-lfu', '2026-01-02T00:00:00Z'),
    operation('demo', 'allkeys-lfu', 'noeviction'),
    operation('demo', 'noeviction', 'allkeys-lru', '2026-01-04T00:00:00Z'),
    operation('other', 'allkeys-lru', 'allkeys-lfu', '2026-01-05T00:00:00Z'),
  ]
  expect(lastSwitch(operations, 'demo')).toBe(Date.parse('2026-01-02T00:00:00Z'))
  expect(lastSwitch(operations, 'third')).toBeUndefined()
})

it.each([
  ['ip=h,port=1,state=online,offset=900,lag=1', undefined],
  ['ip=h,port=1,state=online,offset=0,lag=1', 'replica h:1 is 100,000,000 bytes behind'],
  ['ip=h,port=1,state=online,offset=100000000,lag=11', 'replica h:1 has not answered for 11 s'],
  ['ip=h,port=1,state=wait_bgsave,offset=0,lag=0', undefined],
])('a replica with %s', (line, reason) => {
  const offset = line.includes('offset=900') ? '1000' : '100000000'
  expect(
    lagging(
      new Map([
        ['master_repl_offset', offset],
        ['slave0', line],
      ]),
    ),
  ).toBe(reason)
})
