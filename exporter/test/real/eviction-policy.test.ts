import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../../stack/src/redis-node.js'
import { until } from '../../../stack/src/until.js'
import { PARAMETERS, wireText, type EvictionPolicySpec } from '../../src/contract/kinds/eviction-policy.js'
import { Cancelled, OwnershipLost } from '../../src/operations/kind.js'
import { evictionPolicy } from '../../src/operations/kinds/eviction-policy/kind.js'
import { Cluster } from '../../src/redis/cluster.js'
import { parseEndpoint } from '../../src/redis/endpoint.js'
import { makePlan, runPlan, tryPlan, type MadePlan } from '../policy-run.js'
import { startWithoutConfig } from '../without-config.js'

const EVERYTHING = {
  policy: 'volatile-lfu',
  maxmemory: 200 * 1024 ** 2,
  samples: 7,
  tenacity: 42,
  lfuLogFactor: 5,
  lfuDecayTime: 3,
  activeExpireEffort: 4,
  maxmemoryClients: '5%',
  replicaIgnoreMaxmemory: false,
} as const satisfies Partial<EvictionPolicySpec>
const LAZY = [
  'lazyfreeEviction',
  'lazyfreeExpire',
  'lazyfreeServerDel',
  'lazyfreeUserDel',
  'lazyfreeUserFlush',
] as const

/** Valkey frees aside unless told otherwise, Redis does not. */
const everythingOn = (server: string) => ({
  ...EVERYTHING,
  ...Object.fromEntries(LAZY.map((field) => [field, !server.startsWith('valkey')])),
})

describe.each(['redis-server', 'redis8-server', 'valkey9-server'] as const)(
  'eviction-policy on %s',
  (server) => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-eviction-'))
    let redis: RedisCluster
    let cluster: Cluster
    let standard: Readonly<Record<string, string>>

    beforeAll(async () => {
      redis = await startCluster({
        ports: await freePorts(6, { bus: true }),
        dir,
        server,
        config: { 'enable-debug-command': 'yes' },
      })
      await Promise.all(redis.nodes.map(permit))
      standard = await configOf(redis.nodes[0]!)
    })
    afterAll(async () => {
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    beforeEach(async () => {
      cluster = new Cluster({
        name: 'demo',
        seeds: [parseEndpoint(redis.nodes[0]!.address)],
        username: 'slotwise',
        password: 'secret',
        link: {},
        allow: [],
        nodeTimeoutMs: 20_000,
      })
      await cluster.refresh()
    })
    afterEach(async () => {
      cluster.close()
      await Promise.all(
        redis.nodes.map((node) => node.cli('CONFIG', 'SET', ...Object.entries(standard).flat())),
      )
    })

    const permit = (node: RedisNode) =>
      node.cli('ACL', 'SETUSER', 'slotwise', 'on', '>secret', '+@all', '~*', '&*')
    const configOf = async (node: RedisNode): Promise<Record<string, string>> => {
      const lines = (await node.cli('CONFIG', 'GET', ...Object.values(PARAMETERS))).split('\n')
      return Object.fromEntries(lines.flatMap((name, i) => (i % 2 === 0 ? [[name, lines[i + 1] ?? '']] : [])))
    }
    const configs = () => Promise.all(redis.nodes.map(configOf))
    const policies = async () => (await configs()).map((config) => config['maxmemory-policy'])
    const all = (policy: string) => Array<string>(6).fill(policy)
    const plan = (spec: object) => makePlan(cluster, spec)
    const refusals = async (spec: object) => {
      const outcome = await tryPlan(cluster, spec)
      return 'problems' in outcome ? outcome.problems : []
    }

    it('sets every parameter on all six nodes, and reads it back as it was asked for', async () => {
      const spec = everythingOn(server)
      const made = await plan(spec)
      expect(made.body.counts).toEqual({ nodes: 6, changes: 6 * Object.keys(PARAMETERS).length })
      expect(await configs()).toEqual(Array(6).fill(standard))
      const { ending, nodes } = await runPlan(cluster, made)
      expect(ending.summary).toContain(' on all 6 nodes, read back')
      expect(ending.state).toBe('succeeded')
      expect([...nodes.values()].map(({ outcome }) => outcome)).toEqual(all('done'))
      const expected = Object.entries(spec).map(([field, value]) => [
        PARAMETERS[field as keyof typeof spec],
        wireText(value as string),
      ])
      expect(await configs()).toEqual(Array(6).fill(Object.fromEntries(expected)))
      expect(await refusals(spec)).toMatchObject([{ reason: 'every node has these values already' }])
    })

    it('sets everything back, value by value, when one node refuses', async () => {
      const refusing = redis.nodes[4]!
      const made = await plan(everythingOn(server))
      await refusing.cli('ACL', 'SETUSER', 'slotwise', '-config|set')
      try {
        const { ending, nodes } = await runPlan(cluster, made)
        expect(ending).toMatchObject({
          state: 'undone',
          summary: expect.stringMatching(
            `^${refusing.address} refused: .*NOPERM.*as it was before$`,
          ) as string,
        })
        expect([...nodes.values()].map(({ outcome }) => outcome)).toEqual(all('undone'))
        expect(await configs()).toEqual(Array(6).fill(standard))
      } finally {
        await permit(refusing)
      }
    })

    it('persists what it was told to, and warns of what somebody else changed', async () => {
      const [first] = redis.nodes
      await first!.cli('CONFIG', 'SET', 'maxclients', '5000')
      const made = await plan({ policy: 'allkeys-lfu', persist: true })
      expect(Object.keys(made.body.details.rewrites as object)).toHaveLength(6)
      expect(JSON.stringify(made.body.details.rewrites)).not.toMatch(/requirepass|masterauth|primaryauth/)
      expect(made.body.details.rewrites).toMatchObject({
        [first!.address]: { maxclients: '5000', 'lazyfree-lazy-user-del': expect.any(String) as string },
      })
      expect(made.body.warnings).toContain(
        `CONFIG REWRITE makes permanent what the nodes do not share: maxclients 5000 on ${first!.address}`,
      )
      expect((await runPlan(cluster, made)).ending).toMatchObject({
        state: 'succeeded',
        summary: expect.stringMatching(/read back, and kept by CONFIG REWRITE$/) as string,
      })
      const node = redis.nodes[5]!
      await node.stop()
      await node.start()
      expect((await configOf(node))['maxmemory-policy']).toBe('allkeys-lfu')
      await until(async () => (await node.cli('INFO', 'replication')).includes('master_link_status:up'), {
        timeoutMs: 60_000,
        what: 'the replica to be linked',
      })
      await permit(node)
      await first!.cli('CONFIG', 'SET', 'maxclients', '10000')
    })

    it('refuses a maxmemory below what is in use, and says how many keys would go', async () => {
      const primary = redis.nodes[1]!
      await primary.cli('DEBUG', 'POPULATE', '20000', 'k', '200')
      const refused = await refusals({ maxmemory: '2mb', policy: 'allkeys-lru' })
      const { reason } = refused.find(({ node }) => node === primary.address)!
      expect(reason).toMatch(
        /below the [\d,]+ bytes in use: about [\d,]+ bytes, some [\d,]+ of 20,000 keys, are evicted at once/,
      )
      await primary.cli('FLUSHALL')
    })

    it('refuses a policy that this engine does not have, and names node and version', async () => {
      const refused = await refusals({ policy: 'allkeys-lrm' })
      expect(refused).toHaveLength(6)
      expect(refused[0]!.reason).toMatch(/allkeys-lrm needs Redis 8\.6; this is (redis|valkey) \d/)
    })

    it('says unsupported where CONFIG is blocked, and what to do', async () => {
      const blocked = redis.nodes[3]!
      await blocked.cli('ACL', 'SETUSER', 'slotwise', '-config')
      try {
        expect(await refusals({ samples: 7 })).toMatchObject([
          {
            node: blocked.address,
            reason: expect.stringMatching(/^unsupported: .*NOPERM/) as string,
            todo: expect.stringContaining('permit config|get') as string,
          },
        ])
      } finally {
        await permit(blocked)
      }
    })

    it('has another fingerprint when somebody changed what it relies on', async () => {
      const made = await plan({ policy: 'allkeys-lru' })
      await redis.nodes[2]!.cli('CONFIG', 'SET', 'lfu-decay-time', '9')
      expect((await plan({ policy: 'allkeys-lru' })).body.fingerprint).toBe(made.body.fingerprint)
      await redis.nodes[2]!.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
      expect((await plan({ policy: 'allkeys-lru' })).body.fingerprint).not.toBe(made.body.fingerprint)
    })

    it('keeps what somebody else set in between', async () => {
      const made = await plan({ policy: 'allkeys-lru' })
      await redis.nodes[2]!.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
      const { ending } = await runPlan(cluster, made)
      expect(ending.summary).toContain('somebody else changed it to maxmemory-policy volatile-ttl')
      expect(await policies()).toEqual(all('noeviction').with(2, 'volatile-ttl'))
    })

    it('evicts nothing when a node has filled up while the run was paused', async () => {
      const made = await plan({ maxmemory: '8mb', policy: 'allkeys-lru' })
      const primary = redis.nodes[1]!
      const { ending } = await runPlan(cluster, made, {
        turn: async (count) => {
          if (count === 1) await primary.cli('DEBUG', 'POPULATE', '40000', 'k', '200')
        },
      })
      const why = expect.stringContaining('bytes in use by now; allowEviction was not set') as string
      expect(ending).toMatchObject({ state: 'undone', summary: why })
      expect(await primary.cli('DBSIZE')).toBe('40000')
      expect(await policies()).toEqual(all('noeviction'))
      await primary.cli('FLUSHALL')
    })

    it('gets to no primary what a replica refuses, where it would evict', async () => {
      const [primary, refusing] = [redis.nodes[1]!, redis.nodes[4]!]
      await primary.cli('DEBUG', 'POPULATE', '40000', 'k', '200')
      const made = await plan({ maxmemory: '4mb', policy: 'allkeys-lru', allowEviction: true })
      await refusing.cli('ACL', 'SETUSER', 'slotwise', '-config|set')
      try {
        expect((await runPlan(cluster, made)).ending.state).toBe('undone')
        expect(await primary.cli('DBSIZE')).toBe('40000')
      } finally {
        await permit(refusing)
        await primary.cli('FLUSHALL')
      }
    })

    it('sets back what it has set when it is cancelled between replicas and primaries', async () => {
      await redis.nodes[1]!.cli('DEBUG', 'POPULATE', '40000', 'k', '200')
      const made = await plan({ maxmemory: '4mb', policy: 'allkeys-lru', allowEviction: true })
      let between: readonly (string | undefined)[] = []
      const { ending } = await runPlan(cluster, made, {
        turn: async (count) => {
          if (count !== 2) return
          between = await policies()
          throw new Cancelled('cancelled')
        },
      })
      expect(between).toEqual([
        ...Array<string>(3).fill('noeviction'),
        ...Array<string>(3).fill('allkeys-lru'),
      ])
      expect(ending).toMatchObject({
        state: 'cancelled',
        summary: expect.stringContaining('every node is as it was before') as string,
      })
      expect(await policies()).toEqual(all('noeviction'))
      await redis.nodes[1]!.cli('FLUSHALL')
    })

    it('refuses to plan while a node does not answer', async () => {
      const silent = redis.nodes[4]!
      silent.signal('SIGSTOP')
      try {
        expect((await refusals({ policy: 'allkeys-lru' })).map(({ node }) => node)).toEqual([silent.address])
      } finally {
        silent.signal('SIGCONT')
      }
    })

    it('names the node that falls silent in the middle, touches nothing further, and says what it has when it is back', async () => {
      const silent = redis.nodes[1]!
      const made = await plan({ policy: 'allkeys-lru' })
      let ran
      try {
        ran = await runPlan(cluster, made, {
          checkpoint: (nodes) => {
            if (nodes.some(({ outcome }) => outcome === 'working')) silent.signal('SIGSTOP')
          },
        })
        expect(ran.ending.state).toBe('needs-attention')
        expect(ran.ending.summary).toContain(`unknown what they have: ${silent.address}`)
        expect(ran.nodes.get(silent.address)?.outcome).toBe('unknown')
      } finally {
        silent.signal('SIGCONT')
      }
      const progress = ran.nodes.get(silent.address)!
      const found = await until(() => reconcile(made, progress), {
        timeoutMs: 60_000,
        what: 'the node to be looked at again',
      })
      expect(found.done).toContain('it has maxmemory-policy')
      const has = (await configOf(silent))['maxmemory-policy']!
      expect(found.found.map(({ to }) => to)).toEqual([has])
      expect(found.settled).toBe(has === 'allkeys-lru')
      expect((await policies()).filter((policy) => policy === 'allkeys-lru').length).toBeGreaterThanOrEqual(5)
    })

    it('writes nothing once it does not own the operation any more', async () => {
      const made = await plan({ policy: 'allkeys-lru' })
      let owned = true
      const ran = runPlan(cluster, made, {
        checkpoint: () => void (owned = false),
        mustOwn: () => {
          if (!owned) throw new OwnershipLost('the lease ran out')
        },
      })
      await expect(ran).rejects.toThrow(OwnershipLost)
      expect(await policies()).toEqual(all('noeviction'))
    })

    it('writes under the name of its run, on the connections that the plan was read with', async () => {
      const made = await plan({ policy: 'allkeys-lru' })
      const connections = async () => Number(/total_connections_received:(\d+)/.exec(await info())![1])
      const info = () => redis.nodes[0]!.cli('INFO', 'stats')
      const before = await connections()
      let names = ''
      await runPlan(cluster, made, {
        checkpoint: async (nodes) => {
          if (nodes.some(({ outcome }) => outcome === 'done'))
            names = await redis.nodes[0]!.cli('CLIENT', 'LIST')
        },
      })
      expect(names).toContain(`name=slotwise/${made.id}/1 `)
      // What the test asked by redis-cli: CLIENT LIST, and INFO now.
      expect((await connections()) - before).toBe(2)
    })

    const reconcile = (
      { spec, id, body }: MadePlan,
      progress: Parameters<NonNullable<typeof evictionPolicy.reconcile>>[1],
    ) => evictionPolicy.reconcile!(spec, progress, { id, cluster, body })
  },
)

describe('eviction-policy on a server without CONFIG', () => {
  it('is unsupported, with no guess of what service it is', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slotwise-eviction-'))
    const { redis, cluster } = await startWithoutConfig(dir)
    try {
      await cluster.refresh()
      expect(await tryPlan(cluster, { samples: 7 })).toMatchObject({
        problems: [
          {
            reason: expect.stringMatching(/^unsupported: .*unknown command 'CONFIG'/) as string,
            todo: expect.stringContaining('neither host name nor INFO tell') as string,
          },
        ],
      })
    } finally {
      cluster.close()
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
