import type { Actor } from '../../contract/actor.js'
import {
  eventTypes,
  TYPE_PREFIX,
  type EventData,
  type EventName,
  type StoredEvent,
} from '../../contract/events.js'
import { count, size } from './figures.js'
import { renderRate } from './rate.js'

/** The token, and for whom it acted. */
export function nameOfActor({ token, claimedUser, verifiedUser }: Actor): string {
  const user = verifiedUser === undefined ? claimedUser : `${verifiedUser}, verified`
  return user === undefined ? token : `${token} for ${user}`
}

const because = (reason: string) => (reason === '' ? '' : `: ${reason}`)
const list = (names: readonly string[]) =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
const short = (shard: string) => shard.slice(0, 8)

const SENTENCES: { readonly [N in EventName]: (data: EventData<N>) => string } = {
  'cluster.discovered': ({ nodes }) => `first seen, nodes: ${nodes.length}`,
  'cluster.node-added': ({ node }) => `${node.instance} joined as a ${node.role}`,
  'cluster.node-removed': ({ instance }) => `${instance} is gone: no other node knows it`,
  'cluster.node-changed': ({ node, what }) => `${node.role} ${node.instance} changed: ${what.join(', ')}`,
  'cluster.failover': ({ shard, from, to }) =>
    `failover of shard ${short(shard)}: ${to} took over from ${from}`,
  'health.changed': ({ check, ok, evidence }) => `${check} ${ok ? 'passes' : 'fails'}: ${evidence}`,
  'eviction.drifted': ({ parameter, values }) =>
    `nodes disagree about ${parameter}: ${values.map(({ value, nodes }) => `${value} on ${list(nodes)}`).join('; ')}`,
  'eviction.agreed': ({ parameter }) => `nodes agree about ${parameter} again`,
  'plan.requested': ({ kind, cluster }) => `a plan was asked for: ${kind} of ${cluster}`,
  'plan.progressed': ({ done, total }) => `the plan has looked at ${count(done)} of ${count(total)}`,
  'plan.cancelled': ({ reason }) => `the plan was cancelled${because(reason)}`,
  'plan.ready': ({ body }) => `the plan is ready, warnings: ${body.warnings.length}`,
  'plan.refused': ({ problems }) =>
    `the plan forbids its run: ${problems.map(({ node, reason }) => (node ? `${node}: ${reason}` : reason)).join('; ')}`,
  'plan.staled': ({ difference }) => `the plan went stale: ${list(difference)}`,
  'operation.requested': ({ reason }) => `a run began${because(reason)}`,
  'operation.overridden': ({ checks }) => `checks that forbade the run were overridden: ${checks.join(', ')}`,
  'operation.progressed': ({ nodes }) =>
    nodes.length === 0 ? 'it came further' : `it came further on ${list(nodes.map(({ node }) => node))}`,
  'operation.paused': ({ reason, gates }) => `paused${because(reason === '' ? gates.join('; ') : reason)}`,
  'operation.resumed': ({ reason }) => `goes on${because(reason)}`,
  'operation.rate-changed': ({ rate }) => `goes at another rate: ${renderRate(rate)}`,
  'operation.cancel-requested': ({ reason }) => `is to be cancelled${because(reason)}`,
  'operation.taken-up': ({ process, from }) =>
    `taken up again from the last checkpoint${process === undefined ? '' : ` by ${process}`}${from === undefined ? '' : ` from ${from}`}`,
  'operation.verifying': () => 'all is done and is being read back',
  'operation.measured': ({ when, values: { keys = 0, usedMemoryBytes = 0 } }) =>
    `${when} the run: ${count(keys)} keys, ${size(usedMemoryBytes)}`,
  'operation.compared': ({ checked, different, missing }) =>
    `looked again at ${count(checked)} keys: ${count(different)} differ, ${count(missing)} are missing`,
  'operation.undoing': ({ reason }) => `is being taken back${because(reason)}`,
  'operation.ended': ({ state, summary }) =>
    `ended as ${summary.startsWith(`${state}: `) ? summary : `${state}${because(summary)}`}`,
  'operation.reconciled': ({ node, done }) => `${node} answers again: ${done}`,
  'admission.granted': ({ kind }) => `the cluster is held for a run: ${kind}`,
  'admission.released': () => 'the cluster is free again',
  'freeze.changed': ({ on, reason }) =>
    `operations are ${on ? 'frozen' : 'no longer frozen'}${because(reason)}`,
  'alert.fired': ({ name, node, summary }) => `${name} fires${because(summary ?? node ?? '')}`,
  'alert.resolved': ({ name, node }) => `${name}${node === undefined ? '' : ` of ${node}`} is over`,
  'access.denied': ({ method, path, source, token, status, count: times }) =>
    `refused ${count(times)} times: ${method} ${path} from ${source}${token === undefined ? '' : ` with token ${token}`} (${status})`,
  'log.trimmed': ({ events }) => `${count(events)} old events left the log`,
  'log.digest': ({ heads }) => `an anchor, streams with news: ${Object.keys(heads).length}`,
}

export const EVENT_NAMES = Object.keys(eventTypes)

export function nameOf({ type }: Pick<StoredEvent, 'type'>): string {
  return type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : type
}

/** What an event says; undefined where this version does not know its type or its payload. */
export function sentenceOf(event: Pick<StoredEvent, 'type' | 'data'>): string | undefined {
  const name = nameOf(event)
  if (!Object.hasOwn(eventTypes, name)) return undefined
  const { success, data } = eventTypes[name as EventName].data.safeParse(event.data)
  if (!success) return undefined
  const said = (SENTENCES[name as EventName] as (data: unknown) => string)(data)
  return 'by' in data && data.by ? `${said} (by ${nameOfActor(data.by)})` : said
}
