import { describe, expect, it } from 'vitest'
import { nodeOf } from '../../../../test/cluster-node.js'
import { evictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { ClusterNode } from '../../../redis/replies.js'
import type { NodeAnswer } from './nodes.js'
import { planChanges, type NodeReadout } from './plan.js'
import type { NodeSettings } from './settings.js'

const settings = (more: Partial<NodeSettings> = {}): NodeSettings => ({
  node: nodeOf('a:1'),
  values: {
    maxmemory: '0',
    'maxmemory-policy': 'noeviction',
    'maxmemory-samples': '5',
    'lazyfree-lazy-eviction': 'no',
    'maxmemory-clients': '0',
    'replica-ignore-maxmemory': 'yes',
  },
  usedMemoryBytes: 1000,
  notCountedBytes: 0,
  datasetBytes: 800,
  keys: 80,
  expires: 8,
  commandsPerSecond: 0,
  configFile: '/etc/redis.conf',
  setsTogether: true,
  version: '7.0.15',
  engine: 'redis',
  ...more,
})
const ok = (more: Partial<NodeSettings> = {}): NodeReadout => ({
  node: nodeOf('a:1'),
  answer: { outcome: 'ok', settings: settings(more) },
})
/** A node of the same shard. */
const replica = (more: Partial<NodeSettings> = {}): NodeReadout => {
  const other: ClusterNode = { ...nodeOf('b:2'), role: 'replica', primaryId: 'a:1' }
  return { node: other, answer: { outcome: 'ok', settings: settings({ node: other, ...more }) } }
}
const values = (more: NodeSettings['values']): NodeSettings['values'] => ({ ...settings().values, ...more })
const failed = (answer: NodeAnswer): NodeReadout => ({ node: nodeOf('b:2'), answer })
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
    expect(print({ node: { ...nodeOf('a:1'), role: 'replica' } })).not.toBe(print({}))
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
      [failed({ outcome: 'unsupported', error: "ERR unknown command 'CONFIG'", todo: 'ask AWS' })],
      /^unsupported: ERR unknown command/,
    ],
    ['no nodes', { policy: 'allkeys-lru' }, [], /no node of the cluster is known/],
    ['nothing to do', { policy: 'noeviction' }, [ok()], /has these values already/],
    ['maxmemory below use', { maxmemory: 999 }, [ok()], /below the 1,000 bytes in use/],
    ['LRM on Redis 7', { policy: 'allkeys-lrm' }, [ok()], /needs Redis 8\.6; this is redis 7\.0\.15/],
    [
      'LRM on Valkey',
      { policy: 'allkeys-lrm' },
      [ok({ engine: 'valkey', version: '9.1.2' })],
      /this is valkey 9\.1\.2/,
    ],
    [
      'a parameter that the node does not have',
      { tenacity: 50 },
      [ok({ version: '6.0.16' })],
      /maxmemory-eviction-tenacity is not known to redis 6\.0\.16/,
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
      /^a:1: about 400 bytes, some 40 of 80 keys, are evicted at once/m,
    ],
    [
      'no more keys than a volatile policy may evict',
      { maxmemory: 600, policy: 'volatile-ttl', allowEviction: true },
      {},
      /some 8 of 80 keys, are evicted at once/,
    ],
    [
      'refused writes where a volatile policy finds nothing to evict',
      { maxmemory: 600, policy: 'volatile-ttl', allowEviction: true },
      { expires: 0 },
      /400 bytes above maxmemory, and volatile-ttl finds no key with a TTL to evict: writes are refused/,
    ],
    [
      'refused writes',
      { maxmemory: 600, allowEviction: true },
      {},
      /400 bytes above maxmemory with noeviction: writes are refused/,
    ],
    ['a policy without a limit', { policy: 'allkeys-lru' }, {}, /maxmemory 0 is no limit/],
    [
      'a limit that is taken away',
      { maxmemory: 0 },
      { values: values({ maxmemory: '5000' }) },
      /maxmemory 0 is no limit: .* until the machine has none left/,
    ],
    ['volatile with few TTLs', { policy: 'volatile-lru' }, {}, /only keys that .*: 8 of 80 keys have one$/m],
    [
      'volatile without TTLs',
      { policy: 'volatile-lru' },
      { expires: 0 },
      /0 of 80 keys have one, none on a:1/,
    ],
    ['volatile on an empty node', { policy: 'volatile-lru' }, { keys: 0 }, /without any it is noeviction$/m],
    ['LRU to LFU', { policy: 'allkeys-lfu' }, {}, /between LRU and LFU .*takes some time to settle$/m],
    [
      'how long LFU takes to settle',
      { policy: 'allkeys-lfu' },
      { keys: 120_000, commandsPerSecond: 100 },
      /at the present rate, 20 min or more/,
    ],
    [
      'bytes where a share was meant',
      { maxmemoryClients: 5 },
      {},
      /maxmemoryClients 5 is a limit in bytes, below/,
    ],
    ['a restart', { samples: 7 }, {}, /not persisted: a restart brings the old values back/],
    ['REWRITE', { samples: 7, persist: true }, {}, /CONFIG REWRITE writes the whole running configuration/],
  ])('warns of %s', (_, spec, more, warning) =>
    expect(body(spec, ok(more)).warnings.join('\n')).toMatch(warning),
  )
})

describe('replicas', () => {
  it('a smaller one is a warning while it evicts nothing by itself, else a blocker', () => {
    const small = { values: values({ maxmemory: '5000' }) }
    const big = ok({ values: values({ maxmemory: '9000' }) })
    const quiet = body({ samples: 7 }, big, replica(small))
    expect(quiet.warnings.join()).toContain('b:2: maxmemory 5,000 is below that of its primary (9,000)')
    expect(quiet.blockers).toBeUndefined()
    expect(body({ replicaIgnoreMaxmemory: false }, big, replica(small)).blockers).toMatchObject([
      { check: 'replica-smaller', node: 'b:2' },
    ])
    expect(body({ replicaIgnoreMaxmemory: false, maxmemory: 9000 }, big, replica(small)).blockers).toBe(
      undefined,
    )
  })

  it('come first where the change evicts, which nobody can undo', () => {
    const first = (spec: unknown, more: Partial<NodeSettings> = {}) =>
      body(spec, ok(more)).details.replicasFirst
    expect(first({ policy: 'allkeys-lru' })).toBe(false)
    expect(first({ maxmemory: 600, policy: 'allkeys-lru', allowEviction: true })).toBe(true)
    const full = { values: values({ maxmemory: '1000' }) }
    expect(first({ policy: 'allkeys-lru' }, full)).toBe(true)
    expect(
      first({ samples: 7 }, { values: values({ maxmemory: '1000', 'maxmemory-policy': 'allkeys-lru' }) }),
    ).toBe(false)
  })

  it('buffers that do not count towards maxmemory evict nothing', () => {
    expect(body({ maxmemory: 900 }, ok({ notCountedBytes: 200 })).changes).toHaveLength(1)
  })
})

describe('persist', () => {
  const running = (readout: NodeReadout, settings: Record<string, string>): NodeReadout => ({
    ...readout,
    running: settings,
  })

  it('warns of what somebody changed on one node only, not of what every node has for itself', () => {
    const third: NodeReadout = {
      node: nodeOf('c:3'),
      answer: { outcome: 'ok', settings: settings({ node: nodeOf('c:3') }) },
    }
    const { warnings } = body(
      { samples: 7, persist: true },
      running(ok(), { maxclients: '10000', port: '1', 'maxmemory-samples': '5' }),
      running(replica(), { maxclients: '9000', port: '2', 'maxmemory-samples': '6' }),
      running(third, { maxclients: '10000', port: '3', 'maxmemory-samples': '5' }),
    )
    expect(warnings.filter((line) => line.includes('do not share'))).toEqual([
      'CONFIG REWRITE makes permanent what the nodes do not share: maxclients 9000 on b:2',
    ])
  })
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
    [{ maxmemoryClients: '5%' }, '5%'],
    [{ maxmemoryClients: '0%' }, 0],
    [{ maxmemoryClients: '1g' }, 1_000_000_000],
  ])('reads %j', (spec, value) => expect(evictionPolicySpec.parse(spec).maxmemoryClients).toBe(value))

  it('makes of what it made the same again', () => {
    const spec = evictionPolicySpec.parse({
      maxmemory: '2gb',
      maxmemoryClients: '5%',
      lazyfreeEviction: true,
    })
    expect(evictionPolicySpec.parse(spec)).toEqual(spec)
  })

  it.each([
    [{}],
    [{ persist: true }],
    [{ policy: 'lru' }],
    [{ maxmemory: '50%' }],
    [{ maxmemory: '1.5gb' }],
    [{ maxmemoryClients: '101%' }],
    [{ tenacity: 101 }],
    [{ activeExpireEffort: 0 }],
    [{ activeExpireEffort: 11 }],
    [{ lfuLogFactor: -1 }],
    [{ lfuDecayTime: 2 ** 31 }],
    [{ lazyfreeExpire: 'yes' }],
    [{ maxmemory: -1 }],
    [{ maxmemory: '64 mb' }],
    [{ maxmemory: '99999999999gb' }],
    [{ samples: 0 }],
    [{ samples: 65 }],
    [{ samples: '5' }],
    [{ policy: 'allkeys-lru', polcy: 1 }],
  ])('refuses %j', (spec) => expect(evictionPolicySpec.safeParse(spec).success).toBe(false))
})
