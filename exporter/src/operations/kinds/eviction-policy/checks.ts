import { FIELDS, PARAMETERS, type EvictionPolicySpec } from '../../../contract/kinds/eviction-policy.js'
import type { Blocker, Problem } from '../../../contract/operations.js'
import { count } from '../../figures.js'
import { afterwards, excessBytes, keysOf } from './forecast.js'
import type { NodeSettings } from './settings.js'

/** Values that came with a version of Redis. An enumeration can't be asked for what it takes without setting it. */
const POLICIES_SINCE: Readonly<Record<string, { redis: readonly [major: number, minor: number] }>> = {
  'allkeys-lrm': { redis: [8, 6] },
  'volatile-lrm': { redis: [8, 6] },
}

/** What forbids the plan on one node. */
export function objections(spec: EvictionPolicySpec, settings: NodeSettings): Problem[] {
  const { node, values, engine, version, configFile } = settings
  const problems: Problem[] = FIELDS.flatMap((field) =>
    spec[field] === undefined || values[PARAMETERS[field]] !== undefined
      ? []
      : {
          node: node.instance,
          reason: `${PARAMETERS[field]} is not known to ${engine} ${version}: CONFIG GET does not list it`,
          todo: `leave ${field} out, or upgrade the node`,
        },
  )
  const since = spec.policy === undefined ? undefined : POLICIES_SINCE[spec.policy]
  if (since && (engine !== 'redis' || !atLeast(version, since.redis)))
    problems.push({
      node: node.instance,
      reason: `${spec.policy} needs Redis ${since.redis.join('.')}; this is ${engine} ${version}`,
      todo: 'choose another policy',
    })
  if (spec.maxmemory !== undefined && excessBytes(spec, settings) > 0 && !spec.allowEviction)
    problems.push({
      node: node.instance,
      reason: `maxmemory ${count(spec.maxmemory)} is below the ${count(settings.usedMemoryBytes)} bytes in use: ${consequence(spec, settings)}`,
      todo: 'choose a higher maxmemory, or set allowEviction',
    })
  if (spec.persist && configFile === '')
    problems.push({
      node: node.instance,
      reason: 'it was started without a configuration file, so CONFIG REWRITE has none to write',
      todo: 'leave persist out and set the value where the node is started',
    })
  return problems
}

/** What a limit below what is in use does on this node. */
export function consequence(spec: EvictionPolicySpec, settings: NodeSettings): string {
  const policy = afterwards(spec, settings)['maxmemory-policy'] ?? ''
  const excess = excessBytes(spec, settings)
  if (policy === 'noeviction')
    return `${count(excess)} bytes above maxmemory with noeviction: writes are refused`
  if (settings.node.role === 'replica' && afterwards(spec, settings)['replica-ignore-maxmemory'] === 'yes')
    return `about ${count(excess)} bytes too many; a replica evicts what its primary evicts`
  const keys = keysOf(excess, policy, settings)
  if (keys === 0)
    return `${count(excess)} bytes above maxmemory, and ${policy} finds no key with a TTL to evict: writes are refused`
  return `about ${count(excess)} bytes${keys === undefined ? '' : `, some ${count(keys)} of ${count(settings.keys)} keys,`} are evicted at once`
}

/** What forbids the run unless it is overridden by its name. */
export function blockersOf(spec: EvictionPolicySpec, all: readonly NodeSettings[]): Blocker[] {
  return smallReplicas(spec, all)
    .filter(({ replica }) => afterwards(spec, replica)['replica-ignore-maxmemory'] === 'no')
    .map(({ replica, limit, primaryLimit }) => ({
      check: 'replica-smaller',
      node: replica.node.instance,
      reason: `this replica has maxmemory ${count(limit)} and its primary ${primaryLimit === 0 ? 'no limit' : count(primaryLimit)}, and replica-ignore-maxmemory is no: it evicts by itself what its primary keeps`,
      todo: 'set maxmemory on all nodes with the same plan, or replicaIgnoreMaxmemory true',
    }))
}

interface SmallReplica {
  readonly replica: NodeSettings
  readonly limit: number
  /** 0: none */
  readonly primaryLimit: number
}

/** Replicas that will have a lower limit than their primary. */
export function smallReplicas(spec: EvictionPolicySpec, all: readonly NodeSettings[]): SmallReplica[] {
  const limitOf = (settings: NodeSettings) => Number(afterwards(spec, settings).maxmemory ?? 0)
  return all.flatMap((replica) => {
    const primary = all.find(({ node }) => node.id === replica.node.primaryId)
    if (replica.node.role !== 'replica' || !primary) return []
    const [limit, primaryLimit] = [limitOf(replica), limitOf(primary)]
    return limit > 0 && (primaryLimit === 0 || limit < primaryLimit) ? [{ replica, limit, primaryLimit }] : []
  })
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [x = 0, y = 0] = version.split('.').map(Number)
  return x > major || (x === major && y >= minor)
}
