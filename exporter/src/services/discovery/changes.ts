import type { EventData, NewEvent } from '../../contract/events.js'
import { eventTypes, TYPE_PREFIX } from '../../contract/events.js'
import type { Fold } from '../../events/fold.js'
import type { Fact } from '../../events/log.js'
import type { ClusterNode, ClusterReading } from '../../redis/replies.js'

/** A node as the events tell it. */
export type KnownNode = EventData<'cluster.node-added'>['node']

/** Nodes by id, as last told. */
export type KnownTopology = ReadonlyMap<string, KnownNode>

/** What was told of a cluster: the version of its stream, and its nodes once they were. */
export interface ToldCluster {
  readonly version: number
  readonly nodes?: readonly KnownNode[]
}

/** What was told of every cluster, by name. */
export const topologyFold: Fold<Readonly<Record<string, ToldCluster>>> = {
  name: 'discovery',
  format: 1,
  stream: 'cluster/',
  initial: {},
  apply(state, event) {
    const cluster = event.subject.slice('cluster/'.length)
    const before = Object.hasOwn(state, cluster) ? state[cluster] : undefined
    const topology = applyChange(before?.nodes && topologyOf(before.nodes), event)
    const told = { version: event.streamversion, ...(topology && { nodes: [...topology.values()] }) }
    return { ...state, [cluster]: told }
  },
}

export function topologyOf(nodes: readonly KnownNode[]): KnownTopology {
  return new Map(nodes.map((node) => [node.id, node]))
}

/** Compares what was told last with a reading; the first reading of all is told whole. */
export function changesBetween(known: KnownTopology | undefined, reading: ClusterReading): NewEvent[] {
  const present = reading.nodes.filter((node) => !node.flags.includes('forgotten')).map(toKnown)
  if (!known) return [{ type: 'cluster.discovered', data: { nodes: present } }]
  const ids = new Set(present.map(({ id }) => id))
  const removed = [...known.values()].filter(({ id }) => !ids.has(id))
  return [
    ...present.flatMap((node) => nodeChange(known.get(node.id), node)),
    ...removed.map(({ id, instance }): NewEvent => ({
      type: 'cluster.node-removed',
      data: { id, instance },
    })),
    ...failovers([...known.values()], present),
  ]
}

/** What a cluster is after an event of its stream. */
export function applyChange(known: KnownTopology | undefined, event: Fact): KnownTopology | undefined {
  const next = new Map(known)
  switch (event.type.slice(TYPE_PREFIX.length)) {
    case 'cluster.discovered':
      return topologyOf(eventTypes['cluster.discovered'].data.parse(event.data).nodes)
    case 'cluster.node-added':
    case 'cluster.node-changed': {
      const { node } = event.data as EventData<'cluster.node-added'>
      return next.set(node.id, node)
    }
    case 'cluster.node-removed':
      next.delete((event.data as EventData<'cluster.node-removed'>).id)
      return next
    default:
      return known
  }
}

/** A change as one would tell it. */
export function tellChange(event: NewEvent): string {
  switch (event.type) {
    case 'cluster.discovered':
      return `${event.data.nodes.length} nodes`
    case 'cluster.node-added':
      return `${event.data.node.instance} joined as ${event.data.node.role}`
    case 'cluster.node-removed':
      return `${event.data.instance} is known to no node any more`
    case 'cluster.failover':
      return `shard ${event.data.shard}: ${event.data.to} took over from ${event.data.from}`
    case 'cluster.node-changed':
      return event.data.what.map((what) => tellNode(event.data.node, what)).join('; ')
    default:
      return event.type
  }
}

type What = EventData<'cluster.node-changed'>['what'][number]

function tellNode({ instance, role, slots, shard }: KnownNode, what: What): string {
  switch (what) {
    case 'failed':
      return `${instance} (${role}) has failed`
    case 'recovered':
      return `${instance} is back as ${role}`
    case 'role':
      return `${instance} is now ${role}`
    case 'slots':
      return slots.length === 0
        ? `${instance} owns no slots now`
        : `${instance} now owns slots ${slots.map((range) => range.join('-')).join(' ')}`
    case 'shard':
      return `${instance} now belongs to shard ${shard}`
    case 'instance':
      return `a node is now called ${instance}`
  }
}

function toKnown({ id, instance, role, primaryId, shard, flags, slots }: ClusterNode): KnownNode {
  return {
    id,
    instance,
    role,
    primaryId,
    shard,
    failed: flags.includes('fail'),
    slots: slots.map(([from, to]) => [from, to]),
  }
}

function nodeChange(before: KnownNode | undefined, node: KnownNode): NewEvent[] {
  if (!before) return [{ type: 'cluster.node-added', data: { node } }]
  const what: What[] = []
  if (node.failed !== before.failed) what.push(node.failed ? 'failed' : 'recovered')
  if (node.role !== before.role || node.primaryId !== before.primaryId) what.push('role')
  if (node.shard !== before.shard) what.push('shard')
  if (String(node.slots) !== String(before.slots)) what.push('slots')
  if (node.instance !== before.instance) what.push('instance')
  return what.length === 0 ? [] : [{ type: 'cluster.node-changed', data: { node, what } }]
}

function failovers(before: readonly KnownNode[], after: readonly KnownNode[]): NewEvent[] {
  const owners = (nodes: readonly KnownNode[]) =>
    new Map(
      nodes
        .filter(({ role, slots }) => role === 'primary' && slots.length > 0)
        .map((node) => [node.shard, node]),
    )
  const old = owners(before)
  return [...owners(after)].flatMap(([shard, node]) => {
    const former = old.get(shard)
    if (!former || former.id === node.id) return []
    return { type: 'cluster.failover' as const, data: { shard, from: former.instance, to: node.instance } }
  })
}
