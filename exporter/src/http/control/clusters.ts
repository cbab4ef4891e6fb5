import type { z } from 'zod'
import {
  ENDED_STATES,
  type clusterSummary,
  type health,
  type topology,
  type topologyNode,
} from '../../contract/api.js'
import type { ClusterNode, ClusterReading, NodeReading, SlotRange } from '../../redis/replies.js'
import { isHealthy } from '../../services/health/checks.js'
import type { ControlOptions, WatchedCluster } from './context.js'
import { Refusal } from './problem.js'
import type { Handlers } from './route.js'
import type { Visibility } from './visibility.js'

type Summary = z.output<typeof clusterSummary>
type Readings = ReadonlyMap<string, NodeReading | undefined>

/** /clusters, /clusters/{c}, /clusters/{c}/topology, /clusters/{c}/health */
export function clusterHandlers(
  options: ControlOptions,
  visibility: Visibility,
): Pick<Handlers, 'listClusters' | 'getCluster' | 'getTopology' | 'getHealth'> {
  const summaries = (clusters: readonly WatchedCluster[]) => {
    const open = options.operations.listOperations().filter(({ state }) => !ENDED_STATES.has(state))
    return clusters.map((cluster) =>
      summaryOf(cluster, options.readings(cluster.name), {
        verdict: verdictOf(options.health(cluster.name)),
        operations: open
          .filter((operation) => operation.cluster === cluster.name)
          .map(({ id, kind, state }) => ({ id, kind, state })),
      }),
    )
  }
  return {
    listClusters: ({ principal }) => ({ clusters: summaries(visibility.clustersOf(principal)) }),
    getCluster: ({ principal, param }) => summaries([visibility.cluster(principal, param('cluster'))])[0]!,
    getTopology: ({ principal, param }) => {
      const cluster = visibility.cluster(principal, param('cluster'))
      return topologyOf(cluster, options.readings(cluster.name))
    },
    getHealth: ({ principal, param }) => {
      const { name } = visibility.cluster(principal, param('cluster'))
      return healthOf(name, options.health(name))
    },
  }
}

/** A cluster at a glance. */
export function summaryOf(
  { name, reading }: WatchedCluster,
  readings: Readings,
  { verdict, operations }: Pick<Summary, 'verdict' | 'operations'>,
): Summary {
  const nodes = (reading?.nodes ?? []).filter(({ flags }) => !flags.includes('forgotten'))
  const infos = nodes.flatMap(({ instance }) => readings.get(instance)?.clusterInfo?.value ?? [])
  const states = infos.map((info) => info.get('cluster_state'))
  const called = nodes.filter(({ role }) => role === 'primary')
  const working = new Set(called.filter(({ flags }) => !flags.includes('fail')).map(({ shard }) => shard))
  const primaries = called.filter(({ flags, shard }) => !flags.includes('fail') || !working.has(shard))
  return {
    name,
    state: states.length === 0 ? 'unknown' : states.every((state) => state === 'ok') ? 'ok' : 'fail',
    verdict,
    shards: new Set(nodes.map(({ shard }) => shard)).size,
    primaries: primaries.length,
    replicas: nodes.length - called.length,
    slotsCovered: reading?.slotsCovered ?? 0,
    epoch: Math.max(0, ...infos.map((info) => Number(info.get('cluster_current_epoch') ?? 0))),
    memory: memoryOf(primaries, readings),
    operations,
  }
}

/**
 * Shards in the order of their slots, the primary first.
 * @throws Refusal `not-read`
 */
export function topologyOf(cluster: WatchedCluster, readings: Readings): z.output<typeof topology> {
  const reading = readingOf(cluster)
  const shards = new Map<string, ClusterNode[]>()
  for (const node of reading.nodes) shards.set(node.shard, [...(shards.get(node.shard) ?? []), node])
  const migrating = movesOf(reading)
  return {
    cluster: cluster.name,
    readAt: new Date(reading.at * 1000).toISOString(),
    shards: [...shards]
      .map(([id, nodes]) => ({
        id,
        slots: sorted(nodes.flatMap(({ slots }) => slots)),
        nodes: [...nodes]
          .sort((a, b) => a.role.localeCompare(b.role) || a.instance.localeCompare(b.instance))
          .map((node) => topologyNodeOf(node, nodes, readings)),
      }))
      .sort(
        (a, b) => (a.slots[0]?.[0] ?? Infinity) - (b.slots[0]?.[0] ?? Infinity) || (a.id < b.id ? -1 : 1),
      ),
    ...(migrating.length > 0 && { migrating }),
    views: { read: reading.viewsRead, opinions: reading.views },
  }
}

/** Slots on their way, those of two nodes together. */
function movesOf({
  nodes,
  migrating = [],
}: ClusterReading): NonNullable<z.output<typeof topology>['migrating']> {
  const nameOf = (id: string) => nodes.find((node) => node.id === id)?.instance ?? id
  const moves = new Map<string, { from: string; to: string; slots: SlotRange[] }>()
  for (const { slot, from, to } of migrating) {
    const key = `${from} ${to}`
    const move = moves.get(key) ?? { from: nameOf(from), to: nameOf(to), slots: [] }
    moves.set(key, { ...move, slots: [...move.slots, [slot, slot]] })
  }
  return [...moves.values()].map((move) => ({ ...move, slots: joined(sorted(move.slots)) }))
}

/** Ranges in their order, those that follow on each other as one. */
function joined(ranges: readonly SlotRange[]): [from: number, to: number][] {
  const all: [number, number][] = []
  for (const [from, to] of ranges) {
    const last = all.at(-1)
    if (last?.[1] === from - 1) last[1] = to
    else all.push([from, to])
  }
  return all
}

/** @throws Refusal `not-read` says why */
export function readingOf({ name, reading, errors }: WatchedCluster) {
  if (reading) return reading
  const why = errors.length > 0 ? `: ${errors.join('; ')}` : ''
  throw new Refusal('not-read', `no node of ${name} has been read yet${why}`)
}

function topologyNodeOf(
  { id, instance, address, role, flags, primaryId }: ClusterNode,
  shard: readonly ClusterNode[],
  readings: Readings,
): z.output<typeof topologyNode> {
  const reading = readings.get(instance)
  const primary = shard.find((node) => node.id === primaryId)
  const offset = offsetOf(reading, role === 'primary' ? 'master_repl_offset' : 'slave_repl_offset')
  const ahead = primary && offsetOf(readings.get(primary.instance), 'master_repl_offset')
  const link = reading?.info?.get('master_link_status')
  return {
    id,
    instance,
    address,
    role,
    flags: [...flags],
    ...((link === 'up' || link === 'down') && { link }),
    ...(offset !== undefined && { offset }),
    ...(offset !== undefined && ahead !== undefined && { lag: Math.max(0, ahead - offset) }),
    ...(reading?.error !== undefined && { error: reading.error }),
  }
}

function healthOf(cluster: string, checks: ReturnType<ControlOptions['health']>): z.output<typeof health> {
  return {
    cluster,
    verdict: verdictOf(checks),
    checks: checks.map(({ name, ok, evidence, since, todo }) => ({
      name,
      status: ok ? ('ok' as const) : ('failing' as const),
      evidence,
      ...(since !== undefined && { since }),
      todo,
    })),
  }
}

function verdictOf(checks: ReturnType<ControlOptions['health']>): Summary['verdict'] {
  if (checks.length === 0) return 'unknown'
  return isHealthy(checks) ? 'healthy' : 'unhealthy'
}

/** Of the primaries that own slots: one that failed, and whose replica took over, holds nothing of the cluster. */
function memoryOf(primaries: readonly ClusterNode[], readings: Readings): Summary['memory'] {
  const owners = primaries.filter(({ slots }) => slots.length > 0)
  const infos = owners.flatMap(({ instance }) => readings.get(instance)?.info ?? [])
  const limits = infos.map((info) => Number(info.get('maxmemory') ?? 0))
  return {
    usedBytes: sum(infos.map((info) => Number(info.get('used_memory') ?? 0))),
    maxBytes: limits.includes(0) ? 0 : sum(limits),
  }
}

function offsetOf(reading: NodeReading | undefined, field: string): number | undefined {
  const text = reading?.info?.get(field)
  return text === undefined ? undefined : Number(text)
}

function sorted(ranges: readonly SlotRange[]): [number, number][] {
  return ranges.map(([from, to]): [number, number] => [from, to]).sort(([a], [b]) => a - b)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
