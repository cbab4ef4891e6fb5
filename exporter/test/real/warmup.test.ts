import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import type { Cluster } from '../../src/redis/cluster.js'
import {
  allKinds,
  clusterOf,
  contentOf,
  differences,
  flush,
  send,
  WarmupBench,
  type Command,
} from '../warmup.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-warmup-'))
const config = { 'enable-debug-command': 'yes', 'repl-diskless-load': 'disabled' }

let old: RedisCluster
let redis7: RedisCluster
let valkey9: RedisCluster
let redis8: RedisCluster
let single: RedisNode
const opened: Cluster[] = []

const named = (name: string, node: RedisNode) => {
  const cluster = clusterOf(name, node)
  opened.push(cluster)
  return cluster
}
const bench = (target: RedisCluster, source: RedisNode | undefined, files = '') =>
  WarmupBench.open(named('demo', target.nodes[0]!), source && named('old', source), files)

beforeAll(async () => {
  const ports = await freePorts(19, { bus: true })
  const take = (count: number) => ports.splice(0, count)
  ;[old, redis7, valkey9, redis8, single] = await Promise.all([
    startCluster({ ports: take(6), dir, server: 'redis-server', config }),
    startCluster({ ports: take(6), dir, server: 'redis-server', config }),
    startCluster({ ports: take(3), replicas: 0, dir, server: 'valkey9-server', config }),
    startCluster({ ports: take(3), replicas: 0, dir, server: 'redis8-server', config }),
    startNode({ port: take(1)[0]!, dir, server: 'redis8-server', config }),
  ])
})
afterAll(async () => {
  for (const cluster of opened) cluster.close()
  await Promise.all([old, redis7, valkey9, redis8, single].map((one) => one.stop()))
  rmSync(dir, { recursive: true, force: true })
})

describe.each([
  ['a cluster of Redis 7.0', 'Redis 7.0', 'typed', {}, () => [old.nodes, redis7] as const],
  ['a cluster of Redis 7.0', 'Valkey 9', 'restore', {}, () => [old.nodes, valkey9] as const],
  [
    'a cluster of Valkey 9',
    'Redis 8',
    'typed',
    { restore: 'trusted' },
    () => [valkey9.nodes, redis8] as const,
  ],
  ['a single Redis 8', 'Redis 8', 'restore', { restore: 'trusted' }, () => [[single], redis8] as const],
  ['a single Redis 8', 'Redis 7.0', 'typed', {}, () => [[single], redis7] as const],
])('from %s to %s', (_, __, transfer, spec, pair) => {
  beforeEach(async () => {
    const [source, target] = pair()
    await flush([...source, ...target.nodes])
    await send(source, allKinds())
  })

  it(`copies every key with type, value and TTL (${transfer})`, async () => {
    const [source, target] = pair()
    const control = await bench(target, source[0])
    const { plan, operation } = await control.copy(spec)
    expect(plan.details).toMatchObject({ transfer })
    expect(operation).toMatchObject({ state: 'succeeded', comparison: { different: 0, missing: 0 } })
    expect(operation.comparison!.same).toBeGreaterThan(100)
    const [before, after] = [await contentOf(source), await contentOf(target.nodes)]
    expect(differences(before, after)).toEqual([])
    expect(operation.counts).toMatchObject({ written: before.size, existing: 0, failed: 0 })
    await control.engine.stop()
  })
})

describe('what a warmup leaves alone', () => {
  beforeEach(async () => {
    await flush([...old.nodes, ...redis7.nodes, ...redis8.nodes, ...valkey9.nodes, single])
  })

  it('keeps what is there already, unless it is told to replace it', async () => {
    await send(old.nodes, [...allKinds(), ['HSET', 'other type', 'f', 'v']])
    const kept: Command[] = [
      ['SET', 'with ttl', 'mine'],
      ['RPUSH', 'list', 'mine'],
      ['SET', 'other type', 'mine'],
    ]
    await send(redis7.nodes, kept)
    const control = await bench(redis7, old.nodes[0])
    const first = await control.copy({})
    expect(first.operation).toMatchObject({ state: 'succeeded', counts: { existing: 3 } })
    const content = await contentOf(redis7.nodes)
    const hex = (key: string) => content.get(Buffer.from(key).toString('hex'))
    expect(hex('with ttl')).toMatchObject({ value: Buffer.from('mine').toString('hex'), expiresAt: 0 })
    expect(hex('other type')).toMatchObject({ type: 'string' })
    // All that was copied is there, and the plan says so; looking counts among no client's lookups.
    const lookups = async () =>
      (await Promise.all(redis7.nodes.map((node) => node.cli('INFO', 'stats'))))
        .flatMap((text) => [...text.matchAll(/keyspace_(?:hits|misses):(\d+)/g)])
        .reduce((sum, [, value]) => sum + Number(value), 0)
    const before = await lookups()
    const { counts = {} } = await control.plan({})
    expect(counts.existing).toBe(counts.keys)
    expect(await lookups()).toBe(before)
    const second = await control.copy({ conflict: 'replace' })
    expect(second.operation).toMatchObject({ state: 'succeeded', counts: { existing: 0 } })
    expect(differences(await contentOf(old.nodes), await contentOf(redis7.nodes))).toEqual([])
    await control.engine.stop()
  })

  it('copies streams where dumps fit, and says that it leaves them out where they do not', async () => {
    await send(old.nodes, [
      ['XADD', 'stream', '1-1', 'f', 'v'],
      ['SET', 'a', 'b'],
    ])
    const dumped = await bench(valkey9, old.nodes[0])
    expect((await dumped.copy({})).operation).toMatchObject({ state: 'succeeded', counts: { written: 2 } })
    expect(differences(await contentOf(old.nodes), await contentOf(valkey9.nodes))).toEqual([])
    const typed = await bench(redis7, old.nodes[0])
    const { plan, operation } = await typed.copy({})
    expect(plan.warnings!.join()).toContain('1 streams or values of modules are left out')
    expect(operation).toMatchObject({ state: 'succeeded', counts: { written: 1, unsupported: 1 } })
    await Promise.all([dumped.engine.stop(), typed.engine.stop()])
  })

  it('leaves out hashes whose fields have a TTL where it would be lost, and keeps it where not', async () => {
    await send(
      [single],
      [
        ['HSET', 'bound', 'f', 'v', 'g', 'w'],
        ['HPEXPIRE', 'bound', 600_000, 'FIELDS', 1, 'f'],
        ['HSET', 'free', 'f', 'v'],
      ],
    )
    const typed = await bench(redis7, single)
    expect((await typed.copy({})).operation).toMatchObject({ counts: { written: 1, unsupported: 1 } })
    const dumped = await bench(redis8, single)
    expect((await dumped.copy({ restore: 'trusted' })).operation).toMatchObject({ counts: { written: 2 } })
    const owner = redis8.nodes.map((node) => node.cli('-c', 'HPTTL', 'bound', 'FIELDS', '1', 'f'))
    expect(Number((await owner[0]!).split('\n').at(-1))).toBeGreaterThan(500_000)
    await Promise.all([...owner, typed.engine.stop(), dumped.engine.stop()])
  })

  it('copies what is selected and no more', async () => {
    await send(old.nodes, [
      ['SET', 'app:1', 'v', 'EX', 1000],
      ['SET', 'app:2', 'v', 'EX', 10],
      ['SET', 'app:big', 'v'.repeat(5000), 'EX', 1000],
      ['RPUSH', 'app:list', 'v'],
      ['SET', 'other:1', 'v', 'EX', 1000],
      ['SET', 'ap', 'v', 'EX', 1000],
    ])
    const control = await bench(redis7, old.nodes[0])
    const select = { prefix: 'a', match: '*:*', types: ['string'], minTtlSeconds: 60, maxBytes: 2000 }
    const { plan, operation } = await control.copy({ select })
    expect(plan.counts).toMatchObject({ keys: 1, excluded: 4, tooBig: 1 })
    expect(plan.sample).toMatchObject([{ key: 'app:1', type: 'string', ttlSeconds: 1000 }])
    expect(operation.counts).toMatchObject({ written: 1, excluded: 4, tooBig: 1, read: 6 })
    expect([...(await contentOf(redis7.nodes)).keys()]).toEqual([Buffer.from('app:1').toString('hex')])
    await control.engine.stop()
  })

  it('reads and writes only below the key prefixes of the token', async () => {
    await send(old.nodes, [
      ['SET', 'app:1', 'v'],
      ['SET', 'other:1', 'v'],
    ])
    const control = await bench(redis7, old.nodes[0])
    const plan = await control.plan({}, ['app:'])
    expect(plan).toMatchObject({ counts: { keys: 1, excluded: 1 }, sample: [{ key: 'app:1' }] })
    const operation = await control.end(await control.start(plan))
    expect(operation).toMatchObject({ state: 'succeeded', counts: { written: 1, excluded: 1 } })
    expect([...(await contentOf(redis7.nodes)).keys()]).toEqual([Buffer.from('app:1').toString('hex')])
    await control.engine.stop()
  })

  it('gives TTLs a limit and a spread', async () => {
    await send(
      old.nodes,
      Array.from({ length: 50 }, (_, i): Command => ['SET', `k${i}`, 'v', ...(i % 2 ? ['EX', 5000] : [])]),
    )
    const control = await bench(redis7, old.nodes[0])
    const { operation } = await control.copy({ ttl: { maxSeconds: 1000, jitterPercent: 50 } })
    expect(operation).toMatchObject({ state: 'succeeded', counts: { written: 50 } })
    const left = [...(await contentOf(redis7.nodes)).values()].map(
      ({ expiresAt }) => expiresAt - Date.now() / 1000,
    )
    expect(Math.max(...left)).toBeLessThanOrEqual(1000)
    expect(Math.min(...left)).toBeGreaterThan(400)
    expect(Math.max(...left) - Math.min(...left)).toBeGreaterThan(50)
    await control.engine.stop()
  })

  it('refuses to copy a cluster into itself, and from what is not there', async () => {
    const self = await bench(redis7, redis7.nodes[4])
    const made = await self.plan({})
    expect(made).toMatchObject({ state: 'refused', refused: [{ reason: 'old is demo itself' }] })
    expect(await self.plan({ source: { type: 'redis', name: 'nobody' } })).toMatchObject({
      refused: [{ reason: 'no source is called nobody' }],
    })
    await self.engine.stop()
  })
})

describe('from a file', () => {
  const files = join(dir, 'files')
  const write = (name: string, lines: readonly unknown[]) => {
    mkdirSync(files, { recursive: true })
    writeFileSync(
      join(files, name),
      lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    )
  }
  const source = (path: string) => ({ source: { type: 'file', path } })

  beforeEach(() => flush(redis7.nodes))

  it('copies all types with their TTLs', async () => {
    write('all.jsonl', [
      { key: 'k', type: 'string', value: 'ä\u0000', ttl: 3600 },
      { key: '{h}', type: 'hash', value: { f: 'v', __proto__x: '', '': 'empty' } },
      '',
      { key: 'l', type: 'list', value: ['b', 'a', 'b'], ttl: 100.5 },
      { key: 's', type: 'set', value: ['b', 'a', 'b'] },
      {
        key: 'z',
        type: 'zset',
        value: [
          ['m', 0.1],
          ['n', 'inf'],
          ['o', -1e300],
        ],
      },
      { key: 'k', type: 'string', value: 'second' },
    ])
    const control = await bench(redis7, undefined, files)
    const { plan, operation } = await control.copy(source('all.jsonl'))
    expect(plan).toMatchObject({ counts: { keys: 6 }, details: { file: { path: 'all.jsonl', lines: 7 } } })
    expect(operation).toMatchObject({
      state: 'succeeded',
      counts: { written: 5, existing: 1 },
      comparison: { checked: 5, same: 5 },
    })
    const expected: Command[] = [
      ['SET', 'k', 'ä\u0000', 'EX', 3600],
      ['HSET', '{h}', 'f', 'v', '__proto__x', '', '', 'empty'],
      ['RPUSH', 'l', 'b', 'a', 'b'],
      ['PEXPIRE', 'l', 100_500],
      ['SADD', 's', 'a', 'b'],
      ['ZADD', 'z', 0.1, 'm', 'inf', 'n', -1e300, 'o'],
    ]
    await flush(old.nodes)
    await send(old.nodes, expected)
    expect(differences(await contentOf(old.nodes), await contentOf(redis7.nodes))).toEqual([])
    await control.engine.stop()
  })

  it('names every bad line and quotes none', async () => {
    const secret = 'hunter2'
    write('bad.jsonl', [
      { key: 'k', type: 'string', value: 'v' },
      `{"key": "${secret}`,
      { key: secret, type: 'stream', value: [] },
      { key: secret, value: 'v' },
      { key: 1, type: 'string', value: 'v' },
    ])
    const control = await bench(redis7, undefined, files)
    const made = await control.plan(source('bad.jsonl'))
    expect(made.refused).toHaveLength(1)
    expect(made.refused![0]!.reason).toBe(
      '4 bad lines: line 2: not JSON; line 3: type is none of string, list, set, hash and zset; line 4: type is missing; line 5: key must be a string',
    )
    expect(JSON.stringify(made)).not.toContain(secret)
    await control.engine.stop()
  })

  it('is stale when the file has changed, and reads nothing outside its folder', async () => {
    write('changing.jsonl', [{ key: 'k', type: 'string', value: 'v' }])
    writeFileSync(join(dir, 'outside.jsonl'), '{"key":"k","type":"string","value":"v"}')
    symlinkSync(join(dir, 'outside.jsonl'), join(files, 'link.jsonl'))
    const control = await bench(redis7, undefined, files)
    const made = await control.plan(source('changing.jsonl'))
    write('changing.jsonl', [{ key: 'k', type: 'string', value: 'w' }])
    await expect(control.start(made)).rejects.toMatchObject({ code: 'stale' })
    for (const path of [
      'link.jsonl',
      '../outside.jsonl',
      join(dir, 'outside.jsonl'),
      'files/none.jsonl',
      '.',
    ])
      expect((await control.plan(source(path))).state).toBe('refused')
    expect(await contentOf(redis7.nodes)).toEqual(new Map())
    await control.engine.stop()
  })
})
