import Table from 'cli-table3'
import type { Config } from '../config/config.js'
import type { Cluster, Member } from '../redis/cluster.js'
import { countSlots } from '../redis/topology.js'
import type { NodeReading } from '../redis/replies.js'
import { ADVISORY, isHealthy, judge, type Check } from '../services/health/checks.js'
import { harmlessIn } from './control/terminal.js'
import { makeFleet } from './fleet.js'

/** One row of the table: a node as this one reading shows it. */
export interface NodeRow {
  readonly node: string
  readonly shard: string
  readonly role: string
  readonly slots: number
  /** up, or why not. */
  readonly state: string
  /** Replication link of a replica; empty for a primary. */
  readonly link: string
  /** Bytes; absent where the node did not answer. */
  readonly memoryBytes?: number
  readonly maxmemoryBytes?: number
  /** Bytes of the replication stream that a replica is behind its primary. */
  readonly lagBytes?: number
}

export interface ClusterReport {
  readonly cluster: string
  readonly healthy: boolean
  readonly nodes: readonly NodeRow[]
  readonly checks: readonly Check[]
  /** Why nothing is known of the cluster. */
  readonly errors: readonly string[]
}

/**
 * Reads everything once and prints a table of nodes and a verdict.
 * @returns the exit code: 0 when all is healthy, else 1
 */
export async function check(
  config: Config,
  json: boolean,
  print: (text: string) => void,
  warn: (text: string) => void,
): Promise<number> {
  const fleet = makeFleet(config, warn)
  try {
    const reports = await Promise.all([
      ...fleet.clusters.map((cluster) => reportCluster(cluster, config.scrape.nodeTimeoutMs)),
      ...(fleet.single
        ? [
            fleet.single
              .read(config.scrape.nodeTimeoutMs, null)
              .then((reading) => reportSingle(fleet.single!.link.address, reading)),
          ]
        : []),
    ])
    print(json ? JSON.stringify(reports, null, 2) : harmlessIn(reports).map(renderReport).join('\n\n'))
    return reports.every(({ healthy }) => healthy) ? 0 : 1
  } finally {
    for (const cluster of fleet.clusters) cluster.close()
    fleet.single?.link.close()
  }
}

async function reportCluster(cluster: Cluster, timeoutMs: number): Promise<ClusterReport> {
  // The first reading knows only the seeds' views; the second asks nodes that the first one found.
  await cluster.refresh()
  const topology = await cluster.refresh()
  if (!topology)
    return { cluster: cluster.name, healthy: false, nodes: [], checks: [], errors: cluster.errors }
  const readings = new Map<string, NodeReading>()
  await Promise.all(
    cluster.members.map(async ({ node, reader }) => {
      if (reader) readings.set(node.instance, await reader.read(timeoutMs, null))
    }),
  )
  const checks = judge(topology, readings)
  const nodes = cluster.members.map((member) => rowOf(member, readings, cluster.members))
  return {
    cluster: cluster.name,
    healthy: isHealthy(checks),
    nodes,
    checks,
    errors: cluster.errors,
  }
}

function reportSingle(address: string, reading: NodeReading): ClusterReport {
  const { info, error } = reading
  const memory = memoryOf(reading)
  const role = info?.get('role') === 'slave' ? 'replica' : 'primary'
  const row = {
    node: address,
    shard: '',
    role: info ? role : '?',
    slots: 0,
    state: error ?? 'up',
    link: info?.get('master_link_status') ?? '',
    ...memory,
  }
  const checks = [
    {
      name: 'nodes_reachable',
      ok: !error,
      evidence: error ?? 'the node answers',
      todo: error ? 'start the node, or correct its address (--redis.addr)' : '',
    },
  ]
  return { cluster: '', healthy: !error, nodes: [row], checks, errors: [] }
}

function rowOf(
  { node }: Member,
  readings: ReadonlyMap<string, NodeReading>,
  members: readonly Member[],
): NodeRow {
  const reading = readings.get(node.instance)
  const primary = members.find((other) => other.node.id === node.primaryId)
  const flags = node.flags.length > 0 ? ` (${node.flags.join(',')})` : ''
  const offset = offsetOf(reading, 'slave_repl_offset')
  const primaryOffset = primary && offsetOf(readings.get(primary.node.instance), 'master_repl_offset')
  return {
    node: node.instance,
    shard: node.shard,
    role: node.role,
    slots: countSlots(node.slots),
    state: (reading ? (reading.error ?? 'up') : 'not contacted: outside allow') + flags,
    link: reading?.info?.get('master_link_status') ?? '',
    ...memoryOf(reading),
    ...(offset !== undefined &&
      primaryOffset !== undefined && { lagBytes: Math.max(0, primaryOffset - offset) }),
  }
}

function offsetOf(reading: NodeReading | undefined, field: string): number | undefined {
  const text = reading?.info?.get(field)
  return text === undefined ? undefined : Number(text)
}

function memoryOf(reading: NodeReading | undefined) {
  const used = reading?.info?.get('used_memory')
  return used === undefined
    ? {}
    : { memoryBytes: Number(used), maxmemoryBytes: Number(reading?.info?.get('maxmemory') ?? 0) }
}

function renderReport({ cluster, healthy, nodes, checks, errors }: ClusterReport): string {
  const title = cluster === '' ? '' : `cluster ${cluster}`
  const verdict = healthy ? 'healthy' : 'NOT HEALTHY'
  const table = new Table({
    head: ['node', 'role', 'shard', 'slots', 'link', 'memory', 'lag', 'state'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'left', 'right', 'left', 'right', 'right', 'left'],
    wordWrap: true,
    colWidths: [null, null, null, null, null, null, null, 48],
  })
  for (const row of nodes) {
    const { memoryBytes, maxmemoryBytes = 0, lagBytes } = row
    const memory =
      memoryBytes === undefined
        ? ''
        : `${mebibytes(memoryBytes)}${maxmemoryBytes > 0 ? ` of ${mebibytes(maxmemoryBytes)}` : ''}`
    const lag = lagBytes === undefined ? '' : `${lagBytes} B`
    table.push([row.node, row.role, row.shard.slice(0, 8), row.slots || '', row.link, memory, lag, row.state])
  }
  const lines = [
    ...(nodes.length > 0 ? [table.toString(), ''] : []),
    ...checks.map(
      ({ ok, name, evidence, todo }) =>
        `${ok ? 'ok  ' : ADVISORY.has(name) ? 'note' : 'FAIL'} ${name.padEnd(24)} ${evidence}${todo ? `\n     ${''.padEnd(24)} -> ${todo}` : ''}`,
    ),
    ...errors.map((error) => `FAIL ${error}`),
    '',
    `${title ? `${title}: ` : ''}${verdict}`,
  ]
  return lines.join('\n')
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
