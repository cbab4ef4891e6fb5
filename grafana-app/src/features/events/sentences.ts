import type { IconName } from '@grafana/ui'
import type { Actor, EventData, EventName, StoredEvent } from '../../api/contract'
import { bytes, count, counted, percent } from '../operations/text'

/** What an event is about; each is a lane that can be left out. */
export const LANES = {
  topology: { text: 'Topology', icon: 'sitemap' },
  health: { text: 'Health', icon: 'tachometer-fast' },
  alerts: { text: 'Alerts', icon: 'bell' },
  operations: { text: 'Operations', icon: 'play' },
  access: { text: 'Access', icon: 'lock' },
  /** Anchors of the log, and who holds a cluster: nothing that a person did or has to know. */
  log: { text: 'Bookkeeping', icon: 'book' },
} as const satisfies Record<string, { text: string; icon: IconName }>
export type Lane = keyof typeof LANES

/** How it reads: a change for the worse, for the better, or neither. */
export type Tone = 'bad' | 'good' | 'warning' | 'plain'

interface Said {
  readonly text: string
  readonly tone?: Tone
}

const words = (what: string) => what.replaceAll(/[-_]/g, ' ')
const list = (names: readonly string[]) =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
const why = (reason: string) => (reason === '' ? '' : `: ${reason}`)

const CHANGES: Readonly<Record<string, (node: EventData<'cluster.node-changed'>['node']) => Said>> = {
  failed: () => ({ text: 'has failed', tone: 'bad' }),
  recovered: () => ({ text: 'is back', tone: 'good' }),
  role: ({ role }) => ({ text: `is a ${role} now`, tone: 'warning' }),
  shard: ({ shard }) => ({ text: `belongs to the shard ${short(shard)} now`, tone: 'warning' }),
  slots: ({ slots }) => ({
    text: `serves ${counted(
      slots.reduce((sum, [from, to]) => sum + to - from + 1, 0),
      'slot',
    )} now`,
    tone: 'warning',
  }),
  instance: () => ({ text: 'has another address' }),
}

const short = (id: string) => (/^[0-9a-f]{16,}$/.test(id) ? id.slice(0, 8) : id)

const ENDS: Readonly<Record<string, { text: string; tone: Tone }>> = {
  succeeded: { text: 'succeeded', tone: 'good' },
  failed: { text: 'failed', tone: 'bad' },
  'needs-attention': { text: 'ended and needs attention', tone: 'bad' },
  undone: { text: 'was taken back', tone: 'warning' },
  cancelled: { text: 'was cancelled', tone: 'warning' },
}

const SENTENCES: { [N in EventName]: (data: EventData<N>) => Said } = {
  'cluster.discovered': ({ nodes }) => ({ text: `First seen, with ${counted(nodes.length, 'node')}.` }),
  'cluster.node-added': ({ node }) => ({ text: `The node ${node.instance} joined as a ${node.role}.` }),
  'cluster.node-removed': ({ instance }) => ({
    text: `The node ${instance} is gone: no other knows it any more.`,
    tone: 'warning',
  }),
  'cluster.node-changed': ({ node, what }) => {
    const said = what.map((change) => CHANGES[change]!(node))
    return {
      text: `The ${node.role} ${node.instance} ${said.map(({ text }) => text).join(' and ')}.`,
      tone: said.find(({ tone }) => tone === 'bad')?.tone ?? said[0]?.tone,
    }
  },
  'cluster.failover': ({ shard, from, to }) => ({
    text: `Failover in the shard ${short(shard)}: ${to} took over from ${from}.`,
    tone: 'warning',
  }),
  'health.changed': ({ check, ok, evidence }) => ({
    text: `The check “${words(check)}” ${ok ? 'passes' : 'fails'}: ${evidence}.`,
    tone: ok ? 'good' : 'bad',
  }),
  'eviction.drifted': ({ parameter, values }) => ({
    text: `Nodes disagree about ${parameter}: ${values.map(({ value, nodes }) => `${value} on ${nodes.length <= 3 ? nodes.join(', ') : counted(nodes.length, 'node')}`).join('; ')}.`,
    tone: 'warning',
  }),
  'eviction.agreed': ({ parameter }) => ({ text: `Nodes agree about ${parameter} again.`, tone: 'good' }),
  'plan.requested': ({ kind, cluster }) => ({ text: `A plan was asked for: ${words(kind)} of ${cluster}.` }),
  'plan.progressed': ({ done, total }) => ({ text: `The plan has looked at ${percent(done / total)}.` }),
  'plan.cancelled': ({ reason }) => ({ text: `The plan was cancelled while it was made${why(reason)}.` }),
  'plan.ready': ({ body }) => ({
    text: `The plan is ready${body.warnings.length > 0 ? `, with ${counted(body.warnings.length, 'warning')}` : ''}.`,
  }),
  'plan.refused': ({ problems }) => ({
    text: `The plan forbids its run: ${problems.map(({ node, reason }) => (node ? `${node}: ${reason}` : reason)).join('; ')}.`,
    tone: 'warning',
  }),
  'plan.staled': ({ difference }) => ({
    text: `The plan went stale: ${list(difference)}.`,
    tone: 'warning',
  }),
  'operation.requested': ({ reason }) => ({ text: `A run began${why(reason)}.` }),
  'operation.overridden': ({ checks }) => ({
    text: `Checks that forbade the run were overridden: ${checks.map(words).join(', ')}.`,
    tone: 'warning',
  }),
  'operation.progressed': ({ nodes }) => ({
    text:
      nodes.length === 0 ? 'It came further.' : `It came further on ${list(nodes.map(({ node }) => node))}.`,
  }),
  'operation.paused': ({ reason, gates }) => ({
    text: `It was paused${why(reason === '' ? gates.join('; ') : [reason, ...gates.filter((gate) => !reason.includes(gate))].join('; '))}.`,
    tone: 'warning',
  }),
  'operation.resumed': ({ reason }) => ({ text: `It goes on${why(reason)}.` }),
  'operation.rate-changed': ({ rate: { keysPerSecond, bytesPerSecond } }) => ({
    text: `It goes at another rate: ${[
      ...(keysPerSecond === undefined ? [] : [`${count(keysPerSecond)} keys/s`]),
      ...(bytesPerSecond === undefined ? [] : [`${bytes(bytesPerSecond)}/s`]),
    ].join(', ')}.`,
  }),
  'operation.cancel-requested': ({ reason }) => ({
    text: `It is to be cancelled${why(reason)}.`,
    tone: 'warning',
  }),
  'operation.taken-up': ({ process, from }) => ({
    text: `It was taken up again${process === undefined ? '' : ` by ${process}`} from the last checkpoint: the exporter${from === undefined ? '' : ` ${from}`} had stopped meanwhile.`,
    tone: 'warning',
  }),
  'operation.verifying': () => ({ text: 'All is done and is being read back.' }),
  'operation.measured': ({ when, values: { keys, usedMemoryBytes } }) => ({
    text: `The cluster ${when} the run: ${[
      ...(keys === undefined ? [] : [counted(keys, 'key')]),
      ...(usedMemoryBytes === undefined ? [] : [bytes(usedMemoryBytes)]),
    ].join(', ')}.`,
  }),
  'operation.compared': ({ checked, different, missing }) => ({
    text:
      different + missing === 0
        ? `${counted(checked, 'key was', 'keys were')} looked at again: all as they should be.`
        : `${counted(checked, 'key was', 'keys were')} looked at again: ${count(different)} differ and ${count(missing)} are missing.`,
    tone: different + missing === 0 ? 'good' : 'bad',
  }),
  'operation.undoing': ({ reason }) => ({ text: `It is being taken back${why(reason)}.`, tone: 'warning' }),
  'operation.ended': ({ state, summary }) => ({
    text: `It ${ENDS[state]?.text ?? words(state)}${why(summary)}`.replace(/\.?$/, '.'),
    tone: ENDS[state]?.tone,
  }),
  'operation.reconciled': ({ node, done }) => ({ text: `${node} answers again: ${done}.`, tone: 'warning' }),
  'admission.granted': ({ kind }) => ({ text: `The cluster is held for a run: ${words(kind)}.` }),
  'admission.released': () => ({ text: 'The cluster is free again.' }),
  'freeze.changed': ({ on, reason }) => ({
    text: `Operations are ${on ? 'frozen' : 'no longer frozen'}${why(reason)}.`,
    tone: on ? 'warning' : 'good',
  }),
  'alert.fired': ({ name, severity, node, summary, repeated }) => ({
    text: `${name} ${repeated ? 'still fires' : 'fires'}${why(summary ?? node ?? '')}.`,
    tone: severity === 'page' ? 'bad' : 'warning',
  }),
  'alert.resolved': ({ name, node }) => ({
    text: `${name}${node === undefined ? '' : ` of ${node}`} is over.`,
    tone: 'good',
  }),
  'access.denied': ({ source, token, method, path, status, count: times }) => ({
    text: `Refused ${times === 1 ? 'once' : `${count(times)} times`}: ${method} ${path} from ${source}${token === undefined ? '' : ` with the token ${token}`} (${status}).`,
    tone: 'warning',
  }),
  'log.trimmed': ({ events }) => ({
    text: `${counted(events, 'old event')} left the log, as its retention says.`,
  }),
  'log.digest': ({ heads }) => ({
    text: `An anchor, with news of ${counted(Object.keys(heads).length, 'stream')}.`,
  }),
}

const PREFIX = 'io.slotwise.'

/** Its type without the prefix: `cluster.failover`. */
export const nameOf = ({ type }: Pick<StoredEvent, 'type'>) =>
  type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type

/** The event as a sentence. A type that a newer exporter brings, or data that is not as expected, is named at least. */
export function say(event: Pick<StoredEvent, 'type' | 'data'>): Required<Said> {
  const name = nameOf(event)
  const sentence = Object.hasOwn(SENTENCES, name)
    ? (SENTENCES[name as EventName] as (data: unknown) => Said)
    : undefined
  try {
    const { text, tone = 'plain' } = sentence?.(event.data) ?? { text: name }
    // What was quoted may be a question.
    return { text: text.replace(/([?!])\.$/, '$1'), tone }
  } catch {
    return { text: name, tone: 'plain' }
  }
}

/** Checks that changed to the same at once, as one sentence. */
export function sayTogether(checks: readonly Pick<StoredEvent, 'data'>[]): Required<Said> {
  const all = checks.map(({ data }) => data as Partial<EventData<'health.changed'>> | null)
  const ok = all[0]?.ok === true
  const names = all.map((check) => words(check?.check ?? 'unknown'))
  return {
    text: `${count(checks.length)} checks ${ok ? 'pass' : 'fail'}: ${names.join(', ')}.`,
    tone: ok ? 'good' : 'bad',
  }
}

export function laneOf({ subject, type }: Pick<StoredEvent, 'subject' | 'type'>): Lane {
  const family = subject.split('/')[0]
  if (family === 'access' || family === 'alerts') return family
  if (family === 'digest' || family === 'admission') return 'log'
  if (family === 'cluster') return /[.](health|eviction)[.]/.test(type) ? 'health' : 'topology'
  return 'operations'
}

/** Who did it; undefined where Slotwise acted by itself or the event has nobody. */
export function whoOf({ data }: Pick<StoredEvent, 'data'>): Actor | undefined {
  const by = (data as { by?: Partial<Actor> } | null)?.by
  return typeof by?.token === 'string' ? (by as Actor) : undefined
}

/** `alice (token grafana)`, with what Grafana's signature says of it, or the token alone. */
export function nameActor({ token, claimedUser, verifiedUser, unverified }: Actor): string {
  const user = verifiedUser ?? claimedUser
  if (user === undefined) return `token ${token}`
  const proof =
    verifiedUser !== undefined
      ? ', verified'
      : unverified !== undefined
        ? `, not verified: ${unverified}`
        : ''
  return `${user} (token ${token}${proof})`
}

/** The id in `operation/<id>`; the cluster in `cluster/<name>`, `admission/<name>` and `alerts/<name>`. */
export function subjectOf({ subject, data }: Pick<StoredEvent, 'subject' | 'data'>): {
  operation?: string
  cluster?: string
} {
  const [family, name = ''] = subject.split(/\/(.*)/s)
  if (family === 'operation') {
    const cluster = (data as { cluster?: unknown } | null)?.cluster
    return { operation: name, ...(typeof cluster === 'string' && { cluster }) }
  }
  if (family === 'admission') {
    const operation = (data as { operation?: unknown } | null)?.operation
    return { cluster: name, ...(typeof operation === 'string' && { operation }) }
  }
  return family === 'cluster' || (family === 'alerts' && name !== '-') ? { cluster: name } : {}
}

export interface Run {
  readonly kind: string
  readonly cluster: string
  /** It was run; else it is only a plan, which has no page. */
  readonly ran: boolean
}

/** What the plans among these events are, and whether they were run; by their ids. */
export function runsIn(events: readonly StoredEvent[]): ReadonlyMap<string, Run> {
  const idOf = ({ subject }: StoredEvent) => subject.replace('operation/', '')
  const ran = new Set(events.filter((event) => nameOf(event) === 'operation.requested').map(idOf))
  const plans = events.filter((event) => nameOf(event) === 'plan.requested')
  return new Map(
    plans.map((event) => {
      const { kind = 'operation', cluster = '' } = (event.data ?? {}) as Partial<EventData<'plan.requested'>>
      return [idOf(event), { kind, cluster, ran: ran.has(idOf(event)) }]
    }),
  )
}
