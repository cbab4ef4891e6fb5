import { describe, expect, it } from 'vitest'
import { evictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { ClusterNode } from '../../../redis/replies.js'
import type { NodeAnswer, NodeSettings } from './nodes.js'
import { planChanges, type NodeReadout } from './plan.js'

const node = (instance: string): ClusterNode => ({
  id: instance,
  address: instance,
  instance,
  role: 'primary',
  primaryId: '',
  shard: 's',
  flags: [],
  slots: [],
  linksDown: 0,
})
const settings = (more: Partial<NodeSettings> = {}): NodeSettings => ({
  node: node('a:1'),
  values: { maxmemory: '0', 'maxmemory-policy': 'noeviction', 'maxmemory-samples': '5' },
  usedMemoryBytes: 1000,
  configFile: '/etc/redis.conf',
  setsTogether: true,
  version: '7.0.15',
  engine: 'redis',
  ...more,
})
const ok = (more: Partial<NodeSettings> = {}): NodeReadout => ({
  node: node('a:1'),
  answer: { outcome: 'ok', settings: settings(more) },
})
const failed = (answer: NodeAnswer): NodeReadout => ({ node: node('b:2'), answer })
const plan = (spec: unknown, ...readouts: NodeReadout[]) =>
  planChanges(evictionPolicySpec.parse(spec), readouts)
const problems = (spec: unknown, ...readouts: NodeReadout[]) => {
  const outcome = plan(spec, ...readouts)
  return 'problems' in outcome ? outcome.problems.map(({ reason }) => reason).join() : 'no problem'
}
const body = (spec: unknown, ...readouts: NodeReadout[]) => {
  const outcome = plan(spec, ...readouts)
  if ('problems' in outcome) throw new Error(outcome.problems.map(({ reason }) => reason).join())
  return outcome.body
}

describe('planChanges', () => {
  it('lists each value on each node that differs, and only those', () => {
    const { changes, counts } = body({ policy: 'allkeys-lru', maxmemory: '64mb', samples: 5 }, ok())
    expect(changes).toEqual([
      {
        node: 'a:1',
        shard: 's',
        role: 'primary',
        parameter: 'maxmemory-policy',
        from: 'noeviction',
        to: 'allkeys-lru',
      },
      { node: 'a:1', shard: 's', role: 'primary', parameter: 'maxmemory', from: '0', to: '67108864' },
    ])
    expect(counts).toEqual({ nodes: 1, changes: 2 })
  })

  it('has a fingerprint of the nodes and their values, not of what moves by itself', () => {
    const print = (more: Partial<NodeSettings>) => body({ policy: 'allkeys-lru' }, ok(more)).fingerprint
    expect(print({ usedMemoryBytes: 5 })).toBe(print({ usedMemoryBytes: 6 }))
    expect(print({ values: { ...settings().values, maxmemory: '1' } })).not.toBe(print({}))
    expect(print({ node: { ...node('a:1'), role: 'replica' } })).not.toBe(print({}))
  })

  it.each<[string, unknown, NodeReadout[], RegExp]>([
    [
      'a silent node',
      { policy: 'allkeys-lru' },
      [ok(), failed({ outcome: 'silent', error: 'b:2: no answer' })],
      /b:2: no answer/,
    ],
    [
      'a managed service',
      { policy: 'allkeys-lru' },
      [failed({ outcome: 'unsupported', error: "ERR unknown command 'CONFIG'" })],
      /^unsupported: ERR unknown command/,
    ],
    ['no nodes', { policy: 'allkeys-lru' }, [], /no node of the cluster is known/],
    ['nothing to do', { policy: 'noeviction' }, [ok()], /has these values already/],
    ['maxmemory below use', { maxmemory: 999 }, [ok()], /below the 1000 bytes in use/],
    ['LRM on Redis 7', { policy: 'allkeys-lrm' }, [ok()], /needs Redis 8\.6; this is redis 7\.0\.15/],
    [
      'LRM on Valkey',
      { policy: 'allkeys-lrm' },
      [ok({ engine: 'valkey', version: '9.1.2' })],
      /this is valkey 9\.1\.2/,
    ],
    [
      'persist without a file',
      { policy: 'allkeys-lru', persist: true },
      [ok({ configFile: '' })],
      /without a configuration file/,
    ],
  ])('refuses %s', (_, spec, readouts, reason) => expect(problems(spec, ...readouts)).toMatch(reason))

  it.each<[string, unknown, Partial<NodeSettings>, RegExp]>([
    [
      'eviction at once',
      { maxmemory: 600, policy: 'allkeys-lru', allowEviction: true },
      {},
      /about 400 bytes are evicted at once/,
    ],
    [
      'refused writes',
      { maxmemory: 600, allowEviction: true },
      {},
      /400 bytes above maxmemory with noeviction: writes are refused/,
    ],
    ['a policy without a limit', { policy: 'allkeys-lru' }, {}, /maxmemory 0 is no limit/],
    ['volatile without TTLs', { policy: 'volatile-lru' }, {}, /only keys that have a time to live/],
    ['LRU to LFU', { policy: 'allkeys-lfu' }, {}, /between LRU and LFU/],
    ['a restart', { samples: 7 }, {}, /not persisted: a restart brings the old values back/],
    ['REWRITE', { samples: 7, persist: true }, {}, /CONFIG REWRITE writes the whole running configuration/],
  ])('warns of %s', (_, spec, more, warning) =>
    expect(body(spec, ok(more)).warnings.join('\n')).toMatch(warning),
  )
})

describe('the spec', () => {
  it.each([
    [{ maxmemory: '64mb' }, 64 * 1024 * 1024],
    [{ maxmemory: '1GB' }, 1024 ** 3],
    [{ maxmemory: '1k' }, 1000],
    [{ maxmemory: 0 }, 0],
    [{ maxmemory: '0' }, 0],
  ])('reads %j', (spec, bytes) => expect(evictionPolicySpec.parse(spec).maxmemory).toBe(bytes))

  it.each([
    [{}],
    [{ policy: 'lru' }],
    [{ maxmemory: -1 }],
    [{ maxmemory: '64 mb' }],
    [{ maxmemory: '99999999999gb' }],
    [{ samples: 0 }],
    [{ samples: 65 }],
    [{ samples: '5' }],
    [{ policy: 'allkeys-lru', polcy: 1 }],
  ])('refuses %j', (spec) => expect(evictionPolicySpec.safeParse(spec).success).toBe(false))
})
