import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import type { Operation, Plan } from '../../src/contract/operations.js'
import { Engine } from '../../src/operations/engine.js'
import { evictionPolicy } from '../../src/operations/kinds/eviction-policy/kind.js'
import { Cluster } from '../../src/redis/cluster.js'
import { parseEndpoint } from '../../src/redis/endpoint.js'
import { MemoryLog } from '../memory-log.js'

const by = { token: 'tester' }

describe.each(['redis-server', 'redis8-server', 'valkey9-server'] as const)(
  'eviction-policy on %s',
  (server) => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-eviction-'))
    let redis: RedisCluster
    let cluster: Cluster
    let log: MemoryLog
    let engine: Engine

    beforeAll(async () => {
      redis = await startCluster({
        ports: await freePorts(6, { bus: true }),
        dir,
        server,
        config: { 'enable-debug-command': 'yes' },
      })
      await Promise.all(
        redis.nodes.map((node) =>
          node.cli('ACL', 'SETUSER', 'slotwise', 'on', '>secret', '+@all', '~*', '&*'),
        ),
      )
    })
    afterAll(async () => {
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    beforeEach(async () => {
      for (const node of redis.nodes)
        await node.cli(
          'CONFIG',
          'SET',
          'maxmemory',
          '0',
          'maxmemory-policy',
          'noeviction',
          'maxmemory-samples',
          '5',
        )
      cluster = new Cluster({
        name: 'demo',
        seeds: [parseEndpoint(redis.nodes[0]!.address)],
        username: 'slotwise',
        password: 'secret',
        link: {},
        allow: [],
        nodeTimeoutMs: 2000,
      })
      await cluster.refresh()
      log = new MemoryLog()
      await open()
    })
    afterEach(async () => {
      await engine.stop()
      cluster.close()
    })

    async function open(): Promise<void> {
      engine = await Engine.open({
        log,
        clusters: [cluster],
        kinds: [evictionPolicy],
        now: () => new Date(),
        newId: randomUUID,
        logRetryMs: 10,
        onError: (error) => {
          throw error
        },
      })
      engine.start()
    }
    async function plan(spec: object): Promise<Plan> {
      const { id } = await engine.plan({ cluster: 'demo', kind: 'eviction-policy', spec, by })
      return until(() => (engine.getPlan(id)?.state === 'planning' ? undefined : engine.getPlan(id)), {
        timeoutMs: 40_000,
        what: 'the plan',
      })
    }
    const start = ({ id, hash }: Plan) => engine.run(id, { confirm: 'demo', hash: hash!, reason: 'test', by })
    const end = (id: string): Promise<Operation> =>
      until(() => (engine.getOperation(id)?.endedAt === undefined ? undefined : engine.getOperation(id)), {
        timeoutMs: 40_000,
        what: 'the end',
      })
    const policyOf = async (node: RedisNode) =>
      (await node.cli('CONFIG', 'GET', 'maxmemory-policy')).split('\n')[1]
    const policies = () => Promise.all(redis.nodes.map(policyOf))
    const all = (policy: string) => Array<string>(6).fill(policy)

    it('sets policy, limit and samples on all six nodes, and says so', async () => {
      const made = await plan({ policy: 'allkeys-lru', maxmemory: '100mb', samples: 7 })
      expect(made).toMatchObject({ state: 'ready', counts: { nodes: 6, changes: 18 } })
      expect(await policies()).toEqual(all('noeviction'))
      await start(made)
      const operation = await end(made.id)
      expect(operation).toMatchObject({ state: 'succeeded', progress: { done: 6, total: 6 } })
      expect(operation.summary).toBe(
        'maxmemory-policy allkeys-lru, maxmemory-samples 7, maxmemory 104857600 on all 6 nodes, read back',
      )
      for (const node of redis.nodes) {
        const values = (await node.cli('CONFIG', 'GET', 'maxmemory*')).split('\n')
        expect(values[values.indexOf('maxmemory') + 1]).toBe('104857600')
        expect(values[values.indexOf('maxmemory-samples') + 1]).toBe('7')
      }
      expect(await policies()).toEqual(all('allkeys-lru'))
      expect((await log.verify()).ok).toBe(true)
    })

    it('persists what it was told to persist', async () => {
      const made = await plan({ policy: 'allkeys-lfu', persist: true })
      expect(Object.keys(made.details!.rewrites as object)).toHaveLength(6)
      expect(JSON.stringify(made)).not.toContain('requirepass')
      await start(made)
      expect((await end(made.id)).state).toBe('succeeded')
      const node = redis.nodes[5]!
      await node.stop()
      await node.start()
      expect(await policyOf(node)).toBe('allkeys-lfu')
      await until(async () => (await node.cli('INFO', 'replication')).includes('master_link_status:up'), {
        timeoutMs: 40_000,
        what: 'the replica to be linked',
      })
      await Promise.all(redis.nodes.map((one) => one.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')))
      await Promise.all(redis.nodes.map((one) => one.cli('CONFIG', 'REWRITE')))
      await node.cli('ACL', 'SETUSER', 'slotwise', 'on', '>secret', '+@all', '~*', '&*')
    })

    it('refuses a maxmemory below what is in use', async () => {
      const made = await plan({ maxmemory: '1mb' })
      expect(made.state).toBe('refused')
      expect(made.refused).toHaveLength(6)
      expect(made.refused![0]!.reason).toMatch(/below the \d+ bytes in use/)
    })

    it('is stale when somebody changed a value meanwhile, and shows the fresh plan', async () => {
      const made = await plan({ policy: 'allkeys-lru' })
      await redis.nodes[2]!.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
      await expect(start(made)).rejects.toMatchObject({
        code: 'stale',
        details: {
          difference: [
            `${redis.nodes[2]!.address}: maxmemory-policy is volatile-ttl`,
            `no longer: ${redis.nodes[2]!.address}: maxmemory-policy is noeviction`,
          ],
        },
      })
      expect(await policies()).toEqual([
        'noeviction',
        'noeviction',
        'volatile-ttl',
        'noeviction',
        'noeviction',
        'noeviction',
      ])
    })

    it.each([
      ['a primary', 1],
      ['a replica', 4],
    ])('sets all six back when %s refuses', async (_, index) => {
      const refusing = redis.nodes[index]!
      const made = await plan({ policy: 'allkeys-lru', maxmemory: '200mb' })
      await refusing.cli('ACL', 'SETUSER', 'slotwise', '-config|set')
      try {
        await start(made)
        const operation = await end(made.id)
        expect(operation).toMatchObject({
          state: 'undone',
          summary: expect.stringContaining(`${refusing.address} refused`) as string,
        })
        expect(operation.summary).toContain('NOPERM')
        expect(await policies()).toEqual(all('noeviction'))
        for (const node of redis.nodes)
          expect((await node.cli('CONFIG', 'GET', 'maxmemory')).split('\n')[1]).toBe('0')
      } finally {
        await refusing.cli('ACL', 'SETUSER', 'slotwise', '+config|set')
      }
    })

    it('evicts nothing when a node has filled up while the run was paused', async () => {
      const made = await plan({ maxmemory: '8mb', policy: 'allkeys-lru' })
      const running = start(made)
      const requested = async () =>
        (await log.readStream(`operation/${made.id}`)).some(({ type }) =>
          type.endsWith('operation.requested'),
        )
      await until(requested, { timeoutMs: 40_000, what: 'the request', intervalMs: 1 })
      await engine.pause(made.id, by, 'hold')
      await running
      const primary = redis.nodes[1]!
      await primary.cli('DEBUG', 'POPULATE', '40000', 'k', '200')
      await engine.resume(made.id, by, 'go')
      const why = expect.stringContaining('bytes in use by now; allowEviction was not set') as string
      expect(await end(made.id)).toMatchObject({ state: 'undone', summary: why })
      expect(await primary.cli('DBSIZE')).toBe('40000')
      expect(await policies()).toEqual(all('noeviction'))
      await primary.cli('FLUSHALL')
    })

    it('refuses to plan while a node does not answer', async () => {
      const silent = redis.nodes[4]!
      silent.signal('SIGSTOP')
      try {
        const made = await plan({ policy: 'allkeys-lru' })
        expect(made.state).toBe('refused')
        expect(made.refused!.map(({ node }) => node)).toEqual([silent.address])
      } finally {
        silent.signal('SIGCONT')
      }
    })

    it('names the node that falls silent in the middle, touches nothing further, and says what it has when it is back', async () => {
      const silent = redis.nodes[1]!
      const made = await plan({ policy: 'allkeys-lru' })
      // The primaries come after the replicas: this one stops when the first checkpoint of the replicas is there.
      const running = start(made)
      await until(
        async () =>
          (await log.readStream(`operation/${made.id}`)).some(({ type }) =>
            type.endsWith('operation.progressed'),
          ),
        { timeoutMs: 40_000, what: 'the first checkpoint', intervalMs: 1 },
      )
      silent.signal('SIGSTOP')
      await running
      try {
        const operation = await end(made.id)
        if (operation.state === 'succeeded') throw new Error('the run was over before the node was stopped')
        expect(operation.state).toBe('needs-attention')
        expect(operation.summary).toContain(`unknown what they have: ${silent.address}`)
        expect(operation.nodes.find(({ node }) => node === silent.address)?.outcome).toBe('unknown')
      } finally {
        silent.signal('SIGCONT')
      }
      await until(
        async () => {
          await engine.reconcile()
          return engine.getOperation(made.id)!.nodes.every(({ outcome }) => outcome !== 'unknown')
        },
        { timeoutMs: 40_000, what: 'the node to be looked at again' },
      )
      const { nodes, timeline } = engine.getOperation(made.id)!
      expect(timeline.map(({ text }) => text).join('\n')).toContain(
        `${silent.address} is back: it has maxmemory-policy`,
      )
      // What the operation says of each node is what the node has.
      const said = redis.nodes.map(({ address }) =>
        nodes.find(({ node }) => node === address)!.outcome === 'done' ? 'allkeys-lru' : 'noeviction',
      )
      expect(await policies()).toEqual(said)
    })

    it('neither goes on nor sets back while operations are frozen', async () => {
      const made = await plan({ policy: 'allkeys-lru' })
      const running = start(made)
      const requested = async () =>
        (await log.readStream(`operation/${made.id}`)).some(({ type }) =>
          type.endsWith('operation.requested'),
        )
      await until(requested, { timeoutMs: 40_000, what: 'the request', intervalMs: 1 })
      await engine.freeze(true, 'incident', by)
      await running
      await engine.cancel(made.id, by, 'not today')
      const held = () => engine.getOperation(made.id)!.gates.includes('frozen: incident')
      await until(held, { timeoutMs: 40_000, what: 'the freeze to hold it' })
      const before = await policies()
      expect(before).toContain('noeviction')
      await engine.reconcile()
      expect(await policies()).toEqual(before)
      await engine.freeze(false, 'over', by)
      expect(await end(made.id)).toMatchObject({ state: 'cancelled' })
      expect(await policies()).toEqual(all('noeviction'))
    })

    it('sets back what it has set when it is cancelled', async () => {
      const made = await plan({ policy: 'allkeys-lru' })
      const running = start(made)
      await until(
        async () =>
          (await log.readStream(`operation/${made.id}`)).some(({ type }) =>
            type.endsWith('operation.requested'),
          ),
        { timeoutMs: 40_000, what: 'the request', intervalMs: 1 },
      )
      await engine.cancel(made.id, by, 'not today')
      await running
      expect(await end(made.id)).toMatchObject({
        state: 'cancelled',
        summary: expect.stringContaining('every node is as it was before') as string,
      })
      expect(await policies()).toEqual(all('noeviction'))
    })
  },
)
