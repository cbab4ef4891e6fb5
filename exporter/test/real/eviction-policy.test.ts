import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../../../stack/src/until.js'
import { PARAMETERS, wireText } from '../../src/contract/kinds/eviction-policy.js'
import { all, everythingOn, POLICY_ENGINES, usePolicyCluster } from '../policy-cluster.js'
import { runPlan, tryPlan } from '../policy-run.js'
import { startWithoutConfig } from '../without-config.js'

describe.each(POLICY_ENGINES)('eviction-policy on %s', (server) => {
  const on = usePolicyCluster(server)
  const { permit, configOf, configs, plan, refusals } = on

  it('sets every parameter on all six nodes, and reads it back as it was asked for', async () => {
    const spec = everythingOn(server)
    const made = await plan(spec)
    expect(made.body.counts).toEqual({ nodes: 6, changes: 6 * Object.keys(PARAMETERS).length })
    expect(await configs()).toEqual(Array(6).fill(on.standard))
    const { ending, nodes } = await runPlan(on.cluster, made)
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

  it('persists what it was told to, and warns of what somebody else changed', async () => {
    const [first] = on.redis.nodes
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
    expect((await runPlan(on.cluster, made)).ending).toMatchObject({
      state: 'succeeded',
      summary: expect.stringMatching(/read back, and kept by CONFIG REWRITE$/) as string,
    })
    const node = on.redis.nodes[5]!
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
    const primary = on.redis.nodes[1]!
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
    const blocked = on.redis.nodes[3]!
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
    await on.redis.nodes[2]!.cli('CONFIG', 'SET', 'lfu-decay-time', '9')
    expect((await plan({ policy: 'allkeys-lru' })).body.fingerprint).toBe(made.body.fingerprint)
    await on.redis.nodes[2]!.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
    expect((await plan({ policy: 'allkeys-lru' })).body.fingerprint).not.toBe(made.body.fingerprint)
  })

  it('writes under the name of its run, on the connections that the plan was read with', async () => {
    const made = await plan({ policy: 'allkeys-lru' })
    const connections = async () => Number(/total_connections_received:(\d+)/.exec(await info())![1])
    const info = () => on.redis.nodes[0]!.cli('INFO', 'stats')
    const before = await connections()
    let names = ''
    await runPlan(on.cluster, made, {
      checkpoint: async (nodes) => {
        if (nodes.some(({ outcome }) => outcome === 'done'))
          names = await on.redis.nodes[0]!.cli('CLIENT', 'LIST')
      },
    })
    expect(names).toContain(`name=slotwise/${made.id}/1 `)
    // What the test asked by redis-cli: CLIENT LIST, and INFO now.
    expect((await connections()) - before).toBe(2)
  })
})

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
