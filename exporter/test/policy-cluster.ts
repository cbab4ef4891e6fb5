import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { freePorts } from '../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../stack/src/redis-cluster.js'
import type { RedisNode } from '../../stack/src/redis-node.js'
import { PARAMETERS, type EvictionPolicySpec } from '../src/contract/kinds/eviction-policy.js'
import type { Problem } from '../src/contract/operations.js'
import { Cluster } from '../src/redis/cluster.js'
import { parseEndpoint } from '../src/redis/endpoint.js'
import { makePlan, tryPlan, type MadePlan } from './policy-run.js'

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
export const everythingOn = (server: string) => ({
  ...EVERYTHING,
  ...Object.fromEntries(LAZY.map((field) => [field, !server.startsWith('valkey')])),
})

/** The servers on which a policy is tried. */
export const POLICY_ENGINES = ['redis-server', 'redis8-server', 'valkey9-server'] as const

type Settings = Readonly<Record<string, string>>

/** Three primaries and their replicas, and the exporter's view of them as user `slotwise`. */
export interface PolicyCluster {
  readonly redis: RedisCluster
  readonly cluster: Cluster
  /** What every node has before a test. */
  readonly standard: Settings
  /** Gives the user everything on a node. */
  readonly permit: (node: RedisNode) => Promise<string>
  /** The parameters of eviction-policy as a node has them. */
  readonly configOf: (node: RedisNode) => Promise<Settings>
  /** Of all nodes. */
  readonly configs: () => Promise<Settings[]>
  readonly policies: () => Promise<(string | undefined)[]>
  readonly plan: (spec: object) => Promise<MadePlan>
  /** Why there is no plan; empty where there is one. */
  readonly refusals: (spec: object) => Promise<readonly Problem[]>
}

/** Starts one before the tests of the suite that calls this; each test finds the nodes as the first did. */
export function usePolicyCluster(server: (typeof POLICY_ENGINES)[number]): PolicyCluster {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-eviction-'))
  let redis: RedisCluster
  let cluster: Cluster
  let standard: Settings

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
  const configOf = async (node: RedisNode): Promise<Settings> => {
    const lines = (await node.cli('CONFIG', 'GET', ...Object.values(PARAMETERS))).split('\n')
    return Object.fromEntries(lines.flatMap((name, i) => (i % 2 === 0 ? [[name, lines[i + 1] ?? '']] : [])))
  }
  const configs = () => Promise.all(redis.nodes.map(configOf))
  return {
    get redis() {
      return redis
    },
    get cluster() {
      return cluster
    },
    get standard() {
      return standard
    },
    permit,
    configOf,
    configs,
    policies: async () => (await configs()).map((config) => config['maxmemory-policy']),
    plan: (spec) => makePlan(cluster, spec),
    refusals: async (spec) => {
      const outcome = await tryPlan(cluster, spec)
      return 'problems' in outcome ? outcome.problems : []
    },
  }
}

/** Of all six nodes the same. */
export const all = (what: string): string[] => Array<string>(6).fill(what)
