import { describe, expect, it } from 'vitest'
import { until } from '../../../stack/src/until.js'
import { Cancelled, OwnershipLost } from '../../src/operations/kind.js'
import { evictionPolicy } from '../../src/operations/kinds/eviction-policy/kind.js'
import { all, everythingOn, POLICY_ENGINES, usePolicyCluster } from '../policy-cluster.js'
import { runPlan, type MadePlan } from '../policy-run.js'

describe.each(POLICY_ENGINES)('eviction-policy on %s', (server) => {
  const on = usePolicyCluster(server)
  const { permit, configOf, configs, policies, plan, refusals } = on

  it('sets everything back, value by value, when one node refuses', async () => {
    const refusing = on.redis.nodes[4]!
    const made = await plan(everythingOn(server))
    await refusing.cli('ACL', 'SETUSER', 'slotwise', '-config|set')
    try {
      const { ending, nodes } = await runPlan(on.cluster, made)
      expect(ending).toMatchObject({
        state: 'undone',
        summary: expect.stringMatching(`^${refusing.address} refused: .*NOPERM.*as it was before$`) as string,
      })
      expect([...nodes.values()].map(({ outcome }) => outcome)).toEqual(all('undone'))
      expect(await configs()).toEqual(Array(6).fill(on.standard))
    } finally {
      await permit(refusing)
    }
  })

  it('keeps what somebody else set in between', async () => {
    const made = await plan({ policy: 'allkeys-lru' })
    await on.redis.nodes[2]!.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl')
    const { ending } = await runPlan(on.cluster, made)
    expect(ending.summary).toContain('somebody else changed it to maxmemory-policy volatile-ttl')
    expect(await policies()).toEqual(all('noeviction').with(2, 'volatile-ttl'))
  })

  it('evicts nothing when a node has filled up while the run was paused', async () => {
    const made = await plan({ maxmemory: '8mb', policy: 'allkeys-lru' })
    const primary = on.redis.nodes[1]!
    const { ending } = await runPlan(on.cluster, made, {
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
    const [primary, refusing] = [on.redis.nodes[1]!, on.redis.nodes[4]!]
    await primary.cli('DEBUG', 'POPULATE', '40000', 'k', '200')
    const made = await plan({ maxmemory: '4mb', policy: 'allkeys-lru', allowEviction: true })
    await refusing.cli('ACL', 'SETUSER', 'slotwise', '-config|set')
    try {
      expect((await runPlan(on.cluster, made)).ending.state).toBe('undone')
      expect(await primary.cli('DBSIZE')).toBe('40000')
    } finally {
      await permit(refusing)
      await primary.cli('FLUSHALL')
    }
  })

  it('sets back what it has set when it is cancelled between replicas and primaries', async () => {
    await on.redis.nodes[1]!.cli('DEBUG', 'POPULATE', '40000', 'k', '200')
    const made = await plan({ maxmemory: '4mb', policy: 'allkeys-lru', allowEviction: true })
    let between: readonly (string | undefined)[] = []
    const { ending } = await runPlan(on.cluster, made, {
      turn: async (count) => {
        if (count !== 2) return
        between = await policies()
        throw new Cancelled('cancelled')
      },
    })
    expect(between).toEqual([...Array<string>(3).fill('noeviction'), ...Array<string>(3).fill('allkeys-lru')])
    expect(ending).toMatchObject({
      state: 'cancelled',
      summary: expect.stringContaining('every node is as it was before') as string,
    })
    expect(await policies()).toEqual(all('noeviction'))
    await on.redis.nodes[1]!.cli('FLUSHALL')
  })

  it('refuses to plan while a node does not answer', async () => {
    const silent = on.redis.nodes[4]!
    silent.signal('SIGSTOP')
    try {
      expect((await refusals({ policy: 'allkeys-lru' })).map(({ node }) => node)).toEqual([silent.address])
    } finally {
      silent.signal('SIGCONT')
    }
  })

  it('names the node that falls silent in the middle, touches nothing further, and says what it has when it is back', async () => {
    const silent = on.redis.nodes[1]!
    const made = await plan({ policy: 'allkeys-lru' })
    let ran
    try {
      ran = await runPlan(on.cluster, made, {
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
    const ran = runPlan(on.cluster, made, {
      checkpoint: () => void (owned = false),
      mustOwn: () => {
        if (!owned) throw new OwnershipLost('the lease ran out')
      },
    })
    await expect(ran).rejects.toThrow(OwnershipLost)
    expect(await policies()).toEqual(all('noeviction'))
  })

  const reconcile = (
    { spec, id, body }: MadePlan,
    progress: Parameters<NonNullable<typeof evictionPolicy.reconcile>>[1],
  ) => evictionPolicy.reconcile!(spec, progress, { id, cluster: on.cluster, body })
})
