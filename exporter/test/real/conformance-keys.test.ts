import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild, whenUp } from '../../../stack/src/child.js'
import { startExporter, type Exporter } from '../../../stack/src/exporter.js'
import { answersOk, httpGet } from '../../../stack/src/http.js'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/src/redis-node.js'
import { findServer } from '../../../stack/src/servers.js'
import { parseExposition, valueOf, type ParsedFamily } from '../exposition.js'

/** Keys, streams, groups and scripts: beside redis_exporter 1.86 on a standalone node, and on all shards of a cluster. */
const KEY_FAMILIES = /^redis_(key_|keys_count|number_of_distinct|stream_|script_)/

const engines = {
  'Redis 7.0': 'redis-server',
  'Redis 8': 'redis8-server',
  'Valkey 9': 'valkey9-server',
} as const
const dir = mkdtempSync(join(tmpdir(), 'slotwise-keys-'))
const stops: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
  rmSync(dir, { recursive: true, force: true })
})

const script = join(dir, 'jobs.lua')
const broken = join(dir, 'broken.lua')
const nothing = join(dir, 'nothing.lua')
writeFileSync(script, "return {'jobs', '7', 'failed', '2.5'}")
writeFileSync(broken, "return redis.call('NONSENSE')")
writeFileSync(nothing, 'return {}')

const lists = [
  '--check-keys=user%3A*,db3=other*,hyper,odd*',
  '--check-single-keys=text,number,empty,missing',
  '--check-streams=stream*',
  '--check-single-streams=events',
  '--count-keys=user:*,*,text',
  '--check-key-groups=^(user):.*$,^([^0-9]*)%d+$',
  '--max-distinct-key-groups=3',
]

/** Values that Go takes for numbers, and some that it does not. */
const odd = [
  'inf',
  '-Infinity',
  'nan',
  '1_000',
  '1__0',
  '_1',
  '1e3',
  '1e400',
  '+5',
  '-0',
  '.5',
  '5.',
  '0x10',
  ' 1',
]

async function fill(node: RedisNode, flags: string[] = []): Promise<void> {
  const commands = [
    ...['1', '2', '3', '4', '5'].map((id) => ['SET', `user:${id}`, `name ${id}`]),
    ['SET', 'text', 'some "text"\nof two lines'],
    ['SET', 'number', '42.5'],
    ['SET', 'empty', ''],
    ['PFADD', 'hyper', 'a', 'b', 'c'],
    ['RPUSH', 'user:list', 'a', 'b'],
    ['SADD', 'user:set', 'a'],
    ['ZADD', 'user:zset', '1', 'a', '2', 'b'],
    ['HSET', 'user:hash', 'f', 'v'],
    ['XADD', 'events', '1000-1', 'f', 'v'],
    ['XADD', 'events', '2000-1', 'f', 'v'],
    ['XGROUP', 'CREATE', 'events', 'readers', '0'],
    ['XREADGROUP', 'GROUP', 'readers', 'me', 'COUNT', '1', 'STREAMS', 'events', '>'],
    ['XADD', 'stream1', '5-5', 'f', 'v'],
  ]
  for (const command of commands) await node.cli(...flags, ...command)
}

const samplesOf = (families: Map<string, ParsedFamily>) =>
  [...families]
    .filter(
      ([name]) => KEY_FAMILIES.test(name) && !name.startsWith('redis_stream_group_consumer_idle_seconds'),
    )
    .flatMap(([name, { type, samples }]) =>
      [...samples].map(([series, value]) => `${name} ${type} ${series} ${value}`),
    )
    .sort()

describe.each(Object.entries(engines))('%s', (_, server) => {
  let node: RedisNode
  beforeAll(async () => {
    const [port] = await freePorts(1)
    node = await startNode({ port: port!, dir, server })
    stops.push(() => node.stop())
    await fill(node)
    await node.cli('-n', '3', 'SET', 'other', '7')
    await node.cli('MSET', ...odd.flatMap((value) => [`odd${value}`, value]))
  })

  it('has what redis_exporter has, with the same values', async () => {
    const [ourPort, peerPort] = await freePorts(2)
    const args = [`--redis.addr=redis://${node.address}`, ...lists, `--script=${script},${nothing}`]
    const ours = await startExporter({ port: ourPort!, args })
    const peerUrl = `http://127.0.0.1:${peerPort}`
    const peer = startChild({
      name: 'redis_exporter',
      command: findServer('redis_exporter'),
      args: [...args, `--web.listen-address=127.0.0.1:${peerPort}`],
    })
    try {
      await whenUp(peer, () => answersOk(`${peerUrl}/health`), { timeoutMs: 40_000, what: 'redis_exporter' })
      const theirs = samplesOf(parseExposition((await httpGet(`${peerUrl}/metrics`)).body))
      const own = samplesOf(parseExposition((await ours.get('/metrics')).body))
      const known = new Set(theirs.map((sample) => sample.split(' ')[0]))
      expect(own.filter((sample) => known.has(sample.split(' ')[0]))).toEqual(theirs)
      expect(own.length).toBeGreaterThan(60)
    } finally {
      await peer.stop()
      await ours.stop()
    }
  })

  it('tells a broken script apart, and the node is up', async () => {
    const [port] = await freePorts(1)
    const ours = await startExporter({
      port: port!,
      args: [`--redis.addr=redis://${node.address}`, `--script=${broken}`],
    })
    try {
      const families = parseExposition((await ours.get('/metrics')).body)
      expect(valueOf(families, `redis_script_result{filename="${broken}"}`)).toBe(0)
      expect(valueOf(families, 'slotwise_collector_success{collector="script"}')).toBe(0)
      expect(valueOf(families, 'redis_up{}')).toBe(1)
    } finally {
      await ours.stop()
    }
  })
})

describe('a cluster', () => {
  let cluster: RedisCluster
  const total = 15

  beforeAll(async () => {
    cluster = await startCluster({ ports: await freePorts(6, { bus: true }), dir: join(dir, 'cluster') })
    stops.push(() => cluster.stop())
    await fill(cluster.nodes[0]!, ['-c'])
  })

  async function scraped(args: string[], path: string): Promise<Map<string, ParsedFamily>> {
    const [port] = await freePorts(1)
    const exporter: Exporter = await startExporter({
      port: port!,
      args: [...args, '--discovery.interval=200ms'],
    })
    try {
      await expect
        .poll(async () => (await exporter.get(path)).body, { timeout: 10_000 })
        .toMatch(/redis_keys_count/)
      return parseExposition((await exporter.get(path)).body)
    } finally {
      await exporter.stop()
    }
  }
  const sum = (family: ParsedFamily | undefined, of = '') =>
    [...(family?.samples ?? [])].reduce((all, [series, value]) => all + (series.includes(of) ? value : 0), 0)
  const seed = () => `--redis.addr=redis://${cluster.nodes[4]!.address}`
  const counts = '--count-keys=*,user:*'
  const keys = ['--check-keys=user:*', '--check-single-keys=text', '--check-streams=*']

  it('has the keys of all shards once, each at its primary', async () => {
    const families = await scraped(['--cluster.name=demo', seed(), counts, ...keys], '/metrics')
    expect(sum(families.get('redis_keys_count'), 'key="*"')).toBe(total)
    expect(sum(families.get('redis_keys_count'), 'key="user:*"')).toBe(9)
    expect(families.get('redis_key_size')!.samples.size).toBe(10)
    expect(families.get('redis_stream_length')!.samples.size).toBe(2)
    expect(families.get('redis_key_value_as_string')!.samples.size).toBe(6)
  })

  it('has them at its replicas when primaries are to be left alone', async () => {
    const families = await scraped(
      ['--cluster.name=demo', seed(), counts, ...keys, '--skip-checkkeys-for-role-master'],
      '/metrics',
    )
    expect(sum(families.get('redis_keys_count'), 'key="*"')).toBe(total)
    expect(families.get('redis_key_size')!.samples.size).toBe(10)
  })

  it('is one node whose keys are those of the whole cluster with --is-cluster, a replica too', async () => {
    const families = await scraped(
      [seed(), '--is-cluster', counts, ...keys, '--check-key-groups=^(user):'],
      '/metrics',
    )
    expect(valueOf(families, 'redis_keys_count{db="db0",key="*"}')).toBe(total)
    expect(families.get('redis_key_size')!.samples.size).toBe(10)
    expect(valueOf(families, 'redis_key_group_count{db="db0",key_group="user"}')).toBe(9)
  })
})

describe('the databases of a cluster', () => {
  const asked = ['--is-cluster', '--count-keys=*,db2=*', '--check-keys=db2=a*', '--check-key-groups=^(a)']

  async function samplesOfCluster(server: 'redis-server' | 'valkey9-server', config = {}) {
    const [port, ...ports] = await freePorts(3, { bus: true })
    const cluster = await startCluster({ ports, replicas: 0, dir: join(dir, 'databases'), server, config })
    stops.push(() => cluster.stop())
    await cluster.nodes[0]!.cli('-c', 'SET', 'a1', '0')
    for (const key of 'cluster-databases' in config ? ['a1', 'a2', 'b'] : []) {
      // Each node refuses the keys of the other.
      for (const node of cluster.nodes) await node.cli('-n', '2', 'SET', key, '2').catch(() => undefined)
    }
    const exporter = await startExporter({
      port: port!,
      args: [`--redis.addr=redis://${cluster.nodes[1]!.address}`, ...asked],
    })
    stops.push(() => exporter.stop())
    await expect
      .poll(async () => (await exporter.get('/metrics')).body, { timeout: 20_000 })
      .toMatch(/redis_keys_count/)
    return samplesOf(parseExposition((await exporter.get('/metrics')).body)).map((sample) =>
      sample.replace(/^\S+ \S+ /, ''),
    )
  }

  it('are told apart on Valkey 9, which may have several', async () => {
    const samples = await samplesOfCluster('valkey9-server', { 'cluster-databases': '4' })
    expect(samples).toEqual(
      expect.arrayContaining([
        'redis_keys_count{db="db0",key="*"} 1',
        'redis_keys_count{db="db2",key="*"} 3',
        'redis_key_value{db="db2",key="a1"} 2',
        'redis_key_value{db="db2",key="a2"} 2',
        'redis_key_group_count{db="db0",key_group="a"} 1',
        'redis_key_group_count{db="db2",key_group="a"} 2',
      ]),
    )
  })

  it('are one elsewhere, and there is nothing to say of others', async () => {
    const samples = await samplesOfCluster('redis-server')
    expect(samples).toContain('redis_keys_count{db="db0",key="*"} 1')
    expect(samples.filter((sample) => sample.includes('db="db2"'))).toEqual([])
  })
})

describe('parameters of /scrape', () => {
  let node: RedisNode
  let ours: Exporter
  beforeAll(async () => {
    const [nodePort, port] = await freePorts(2)
    node = await startNode({ port: nodePort!, dir })
    stops.push(() => node.stop())
    await fill(node)
    ours = await startExporter({
      port: port!,
      args: [`--redis.addr=redis://${node.address}`, '--scrape.allow-keys=user:*,db0=text'],
    })
    stops.push(() => ours.stop())
  })
  const ask = (parameters: string) => ours.get(`/scrape?target=${node.address}&${parameters}`)

  it('name keys that --scrape.allow-keys covers', async () => {
    const families = parseExposition((await ask('check-single-keys=user%3A1,text&count-keys=user%3A*')).body)
    expect(valueOf(families, 'redis_key_value_as_string{db="db0",key="user:1",val="name 1"}')).toBe(1)
    expect(valueOf(families, 'redis_keys_count{db="db0",key="user:*"}')).toBe(9)
    expect(families.get('redis_key_size')!.samples.size).toBe(2)
  })

  it.each([
    ['check-keys=*', 403, /--scrape\.allow-keys/],
    ['count-keys=session:*', 403, /"session:\*"/],
    ['check-single-keys=db3%3Dtext', 403, /--scrape\.allow-keys/],
    ['check-keys=a%3Db%3Dc', 400, /expected a key or db3=key/],
    ['check-keys=dbx%3Duser:1', 400, /dbx is no database/],
  ])('%s answers %i', async (parameters, status, message) => {
    const answer = await ask(parameters)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatch(message)
  })
})
