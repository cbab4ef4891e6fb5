import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import { TYPE_PREFIX } from '../../src/contract/events.js'
import { Cluster } from '../../src/redis/cluster.js'
import { parseEndpoint } from '../../src/redis/endpoint.js'
import type { PolicyRun } from '../../src/services/eviction/drift.js'
import { EvictionWatch } from '../../src/services/eviction/eviction.js'
import { hangAppends } from '../hanging-log.js'
import { MemoryLog } from '../memory-log.js'
import { startWithoutConfig } from '../without-config.js'

const MIB = 1024 ** 2
const STANDARD = {
  maxmemory: '67108864',
  'maxmemory-policy': 'allkeys-lru',
  'maxmemory-samples': '5',
  'replica-ignore-maxmemory': 'yes',
}

describe.each(['redis-server', 'redis8-server', 'valkey9-server'] as const)(
  'advice about evictions on %s',
  (server) => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-advice-'))
    let redis: RedisCluster
    let cluster: Cluster
    let log: MemoryLog
    let watch: EvictionWatch
    let runs: PolicyRun[] = []
    /** What the watch takes for now; seconds after the real time. */
    let ahead = 0

    beforeAll(async () => {
      redis = await startCluster({
        ports: await freePorts(6, { bus: true }),
        dir,
        server,
        config: { 'enable-debug-command': 'yes' },
      })
    })
    afterAll(async () => {
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    beforeEach(async () => {
      await setEverywhere(STANDARD)
      cluster = new Cluster({
        name: 'demo',
        seeds: [parseEndpoint(redis.nodes[0]!.address)],
        link: {},
        allow: [],
        nodeTimeoutMs: 20_000,
      })
      await cluster.refresh()
      log = new MemoryLog()
      runs = []
      ahead = 0
      watch = new EvictionWatch({
        log: () => log,
        runs: () => runs,
        nodeTimeoutMs: 20_000,
        now: () => new Date(Date.now() + ahead * 1000),
      })
    })
    afterEach(async () => {
      cluster.close()
      await Promise.all(primaries().map((node) => node.cli('FLUSHALL')))
    })

    const primaries = () => redis.nodes.slice(0, 3)
    const set = (node: RedisNode, values: Readonly<Record<string, string>>) =>
      node.cli('CONFIG', 'SET', ...Object.entries(values).flat())
    const setEverywhere = (values: Readonly<Record<string, string>>) =>
      Promise.all(redis.nodes.map((node) => set(node, values)))
    const populate = (node: RedisNode, keys: number, bytes = 20) =>
      node.cli('DEBUG', 'POPULATE', String(keys), `k${node.port}`, String(bytes))
    const rules = async () => (await watch.look(cluster)).advice.map(({ rule }) => rule)
    const caughtUp = (node: RedisNode, keys: number) =>
      until(async () => Number(await node.cli('DBSIZE')) === keys, {
        timeoutMs: 60_000,
        what: `${node.address} to have ${keys} keys`,
      })
    async function sampled() {
      expect(watch.sample(cluster).state).toBe('running')
      await until(async () => (await watch.look(cluster)).sample.state !== 'running', {
        timeoutMs: 120_000,
        what: 'the sample',
      })
      return (await watch.look(cluster)).sample
    }

    it('has nothing to say of a cluster that is well', async () => {
      const told = await watch.look(cluster)
      expect(told).toMatchObject({
        effective: { policy: 'allkeys-lru', maxmemory: 64 * MIB, samples: 5, replicaIgnoreMaxmemory: true },
        drift: [],
        unpersisted: [],
        sample: { state: 'none' },
        advice: [],
      })
      expect(told.nodes).toHaveLength(6)
      expect(told.nodes[0]).toMatchObject({ policy: 'allkeys-lru', usedMemory: expect.any(Number) as number })
    })

    it('finds a volatile policy without TTLs, no limit, and a smaller replica', async () => {
      await populate(primaries()[0]!, 100)
      await setEverywhere({ 'maxmemory-policy': 'volatile-lru' })
      expect(await rules()).toEqual(['volatile-without-ttls'])
      await setEverywhere({ 'maxmemory-policy': 'allkeys-lru', maxmemory: '0' })
      expect(await rules()).toEqual(['no-limit'])
      await setEverywhere(STANDARD)
      await set(redis.nodes[4]!, { maxmemory: String(32 * MIB) })
      expect(await rules()).toEqual(expect.arrayContaining(['replica-smaller', 'nodes-disagree']))
    })

    it('finds refused writes under noeviction, and what would end them', async () => {
      const [full] = primaries()
      await set(full!, { 'maxmemory-policy': 'noeviction' })
      await setEverywhere({ 'maxmemory-policy': 'noeviction' })
      await watch.observe(cluster)
      await full!.cli('SET', await tagOf(full!), 'x')
      await set(full!, { maxmemory: '1mb' })
      await expect(full!.cli('SET', await tagOf(full!), 'x')).rejects.toThrow('OOM')
      ahead = 60
      const { advice, pressure } = await watch.look(cluster)
      expect(pressure.writesPerSecond).toBeGreaterThan(0)
      expect(advice.find(({ rule }) => rule === 'noeviction-rejects-writes')).toMatchObject({
        severity: 'warning',
        confidence: 'high',
        spec: { policy: 'allkeys-lru' },
      })
    })

    it('finds one full shard beside empty ones, and evictions with lazyfree off', async () => {
      const [full] = primaries()
      await setEverywhere({ maxmemory: String(16 * MIB), 'lazyfree-lazy-eviction': 'no' })
      await watch.observe(cluster)
      await populate(full!, 40_000, 500)
      await set(full!, { maxmemory: String(16 * MIB) })
      await until(async () => Number(/evicted_keys:(\d+)/.exec(await full!.cli('INFO', 'stats'))![1]) > 0, {
        timeoutMs: 60_000,
        what: 'an eviction',
      })
      ahead = 60
      expect(await rules()).toEqual(expect.arrayContaining(['shard-skew', 'lazyfree-off']))
      await setEverywhere({ 'lazyfree-lazy-eviction': 'yes' })
    })

    it('samples keys of all shards on replicas, with TTL, size and idle time', async () => {
      const [first, second] = primaries()
      await write(first!, 3000, 100)
      await write(second!, 1000, 3000)
      const { state, summary } = await sampled()
      expect(state).toBe('done')
      expect(summary).toMatchObject({ of: 4000, withTtl: 0 })
      expect(new Set(summary!.from)).toEqual(new Set(redis.nodes.slice(3, 5).map(({ address }) => address)))
      expect(summary!.keys).toBe(4000)
      const large = summary!.bytes.filter(({ from }) => from >= 1024).reduce((sum, { keys }) => sum + keys, 0)
      expect(large / summary!.keys).toBeCloseTo(0.25, 1)
      expect(summary!.idleSeconds!.reduce((sum, { keys }) => sum + keys, 0)).toBe(4000)
      expect(summary!.frequency).toBeUndefined()
      expect((await watch.look(cluster)).sample.summary).toEqual(summary)
    })

    it('asks for frequencies under LFU, and for neither right after a switch', async () => {
      await write(primaries()[0]!, 500, 20)
      await setEverywhere({ 'maxmemory-policy': 'allkeys-lfu' })
      const { summary } = await sampled()
      expect(summary!.frequency!.reduce((sum, { keys }) => sum + keys, 0)).toBe(500)
      expect(summary!.idleSeconds).toBeUndefined()

      const changes = [{ node: 'x', parameter: 'maxmemory-policy', from: 'allkeys-lru', to: 'allkeys-lfu' }]
      runs = [{ id: 'o1', endedAt: new Date().toISOString(), persist: true, changes }]
      const settling = (await sampled()).summary!
      expect(settling.frequency).toBeUndefined()
      expect(settling.note).toContain('switched between LRU and LFU')
      expect(await rules()).toContain('settling-after-switch')
    })

    it('says what it may not ask', async () => {
      await populate(primaries()[0]!, 100)
      await Promise.all(redis.nodes.map((node) => node.cli('ACL', 'SETUSER', 'default', '-randomkey')))
      try {
        expect(await sampled()).toMatchObject({
          state: 'failed',
          error: expect.stringContaining('RANDOMKEY: NOPERM') as string,
        })
      } finally {
        await Promise.all(redis.nodes.map((node) => node.cli('ACL', 'SETUSER', 'default', '+randomkey')))
      }
    })

    it('tells drift once it lasts, and its end, and neither again after a restart', async () => {
      const told = async () =>
        (await log.readStream('cluster/demo')).map(({ type, data }) => [type.slice(TYPE_PREFIX.length), data])
      const observe = async () => {
        ahead += 60
        await watch.observe(cluster)
      }
      await observe()
      expect(watch.facts('demo')?.drifting.get('maxmemory-samples')).toBe(0)
      const odd = redis.nodes[5]!
      await set(odd, { 'maxmemory-samples': '9' })
      await observe()
      expect(await told()).toEqual([])
      await observe()
      const values = [
        { value: '5', nodes: expect.any(Array) as string[] },
        { value: '9', nodes: [odd.address] },
      ]
      const drifted = ['eviction.drifted', { parameter: 'maxmemory-samples', values }]
      expect(await told()).toEqual([drifted])
      expect(watch.facts('demo')?.drifting.get('maxmemory-samples')).toBe(1)
      watch = new EvictionWatch({
        log: () => log,
        runs: () => runs,
        nodeTimeoutMs: 20_000,
        now: () => new Date(Date.now() + ahead * 1000),
      })
      await observe()
      await observe()
      expect(await told()).toEqual([drifted])
      const another = redis.nodes[4]!
      await set(another, { 'maxmemory-samples': '8' })
      await observe()
      await observe()
      await observe()
      const more = [...values, { value: '8', nodes: [another.address] }]
      const drifting = [
        'eviction.drifted',
        {
          parameter: 'maxmemory-samples',
          values: expect.arrayContaining<(typeof values)[number]>(more) as typeof values,
        },
      ]
      expect(await told()).toEqual([drifted, drifting])
      await set(odd, { 'maxmemory-samples': '5' })
      await set(another, { 'maxmemory-samples': '5' })
      await observe()
      // The log hangs over the next two looks.
      const { appending, wake } = hangAppends(log)
      const telling = observe()
      await vi.waitFor(() => expect(appending).toHaveBeenCalledOnce(), 20_000)
      await observe()
      wake()
      await telling
      expect(await told()).toEqual([
        drifted,
        drifting,
        ['eviction.agreed', { parameter: 'maxmemory-samples' }],
      ])
    })

    it('knows what a restart would lose of what was set here', async () => {
      const changes = redis.nodes.map((node) => ({
        node: node.address,
        parameter: 'maxmemory-samples',
        from: '5',
        to: '6',
      }))
      runs = [{ id: 'o1', endedAt: new Date().toISOString(), persist: false, changes }]
      await setEverywhere({ 'maxmemory-samples': '6' })
      const { unpersisted, advice } = await watch.look(cluster)
      expect(unpersisted).toMatchObject([
        { parameter: 'samples', value: 6, operation: 'o1', configFile: true },
      ])
      expect(unpersisted[0]!.nodes).toHaveLength(6)
      expect(advice).toMatchObject([{ rule: 'lost-at-restart', spec: { samples: 6, persist: true } }])
      expect(watch.facts('demo')).toBeUndefined()
    })

    /** A hash tag of which this primary has the slot. */
    async function tagOf(node: RedisNode): Promise<string> {
      const index = redis.nodes.indexOf(node)
      for (let i = 0; ; i++) {
        const slot = Number(await node.cli('CLUSTER', 'KEYSLOT', `{tag${i}}`))
        if (Math.floor((slot * 3) / 16_384) === index) return `{tag${i}}`
      }
    }
    /** Keys that get to the replica, too, which those of DEBUG POPULATE do not. */
    async function write(node: RedisNode, keys: number, bytes: number): Promise<void> {
      const script = `for i = 1, ${keys} do redis.call('SET', KEYS[1] .. i, string.rep('x', ${bytes})) end`
      await node.cli('EVAL', script, '1', await tagOf(node))
      await caughtUp(redis.nodes[redis.nodes.indexOf(node) + 3]!, keys)
    }
  },
)

describe('advice where CONFIG is blocked', () => {
  it('goes by INFO, says how to do it there, and asks only once', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-advice-'))
    const more = { 'maxmemory-policy': 'volatile-ttl', maxmemory: '32mb' }
    const { redis, cluster } = await startWithoutConfig(dir, more)
    const [node] = redis.nodes
    const watch = new EvictionWatch({ runs: () => [], nodeTimeoutMs: 20_000, now: () => new Date() })
    const errors = async () => /total_error_replies:(\d+)/.exec(await node!.cli('INFO', 'stats'))![1]
    try {
      await cluster.refresh()
      const told = await watch.look(cluster)
      expect(told.effective).toEqual({ policy: 'volatile-ttl', maxmemory: 32 * MIB })
      expect(told.nodes[0]).toMatchObject({
        error: expect.stringContaining('unknown command') as string,
        todo: expect.stringContaining('neither host name nor INFO tell') as string,
      })
      const before = await errors()
      await watch.look(cluster)
      expect(await errors()).toBe(before)
    } finally {
      cluster.close()
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
