import type { Actor } from '../contract/actor.js'
import {
  eventTypes,
  TYPE_PREFIX,
  type EventData,
  type EventName,
  type StoredEvent,
} from '../contract/events.js'
import type {
  Comparison,
  Measurement,
  NodeProgress,
  Operation,
  OperationState,
  Plan,
  PlanBody,
  Problem,
  Rate,
} from '../contract/operations.js'

/** A plan and its run as the events of their stream tell it. */
export interface OperationRecord {
  readonly id: string
  /** Of the stream. */
  readonly version: number
  readonly kind: string
  readonly cluster: string
  readonly spec: unknown
  readonly plannedBy: Actor
  readonly createdAt: string
  readonly ready?: {
    readonly at: string
    readonly hash: string
    readonly body: PlanBody
    readonly expiresAt: string
  }
  readonly refused?: readonly Problem[]
  readonly stale?: { readonly difference: string[]; readonly freshPlan: string }
  readonly run?: Run
  readonly timeline: Operation['timeline']
}

export interface Run {
  readonly state: OperationState
  readonly by: Actor
  readonly reason: string
  readonly hash: string
  readonly idempotencyKey?: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly summary: string
  readonly nodes: ReadonlyMap<string, NodeProgress>
  readonly gates: readonly string[]
  readonly cancelRequested: boolean
  /** Why what was done is being taken back. */
  readonly undoing?: string
  readonly rate?: Rate
  /** What the kind gave with its last checkpoint. */
  readonly checkpoint?: unknown
  readonly before?: Measurement
  readonly after?: Measurement
  readonly comparison?: Comparison
}

/** An event of the operation streams, typed by its name. */
type Typed = { [N in EventName]: { readonly name: N; readonly data: EventData<N> } }[EventName]

/** The event's short name and its payload; undefined for what this version does not know, be it the type or the payload. */
export function readEvent(event: StoredEvent): Typed | undefined {
  const name = event.type.slice(TYPE_PREFIX.length)
  if (!Object.hasOwn(eventTypes, name)) return undefined
  const { success, data } = eventTypes[name as EventName].data.safeParse(event.data)
  return success ? ({ name, data } as Typed) : undefined
}

/** One step of the fold: `operation = events.reduce(applyEvent, undefined)`. */
export function applyEvent(
  record: OperationRecord | undefined,
  event: StoredEvent,
): OperationRecord | undefined {
  const typed = readEvent(event)
  if (typed?.name === 'plan.requested') {
    const { kind, cluster, spec, by } = typed.data
    const id = event.subject.slice('operation/'.length)
    const first = { time: event.time, type: typed.name, text: `planned by ${nameOf(by)}` }
    return {
      id,
      version: event.streamversion,
      kind,
      cluster,
      spec,
      plannedBy: by,
      createdAt: event.time,
      timeline: [first],
    }
  }
  if (!record) return undefined
  const next = { ...record, version: event.streamversion }
  if (!typed) return next
  const changed = applyPlanEvent(next, typed, event) ?? applyRunEvent(next, typed, event) ?? next
  const text = tell(typed)
  return text === ''
    ? changed
    : { ...changed, timeline: [...changed.timeline, { time: event.time, type: typed.name, text }] }
}

function applyPlanEvent(
  record: OperationRecord,
  { name, data }: Typed,
  { time }: StoredEvent,
): OperationRecord | undefined {
  switch (name) {
    case 'plan.ready':
      return { ...record, ready: { at: time, hash: data.hash, body: data.body, expiresAt: data.expiresAt } }
    case 'plan.refused':
      return { ...record, refused: data.problems }
    case 'plan.staled':
      return { ...record, stale: data }
    default:
      return undefined
  }
}

/** A node that had been silent may still be told of. */
const AFTER_THE_END: ReadonlySet<string> = new Set([
  'operation.progressed',
  'operation.reconciled',
  'operation.ended',
])

function applyRunEvent(
  record: OperationRecord,
  { name, data }: Typed,
  { time }: StoredEvent,
): OperationRecord | undefined {
  if (name === 'operation.requested') {
    const { hash, reason, by, idempotencyKey } = data
    const waiting = [...new Set(record.ready?.body.changes.map(({ node }) => node))]
    const run: Run = {
      state: 'running',
      by,
      reason,
      hash,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      startedAt: time,
      summary: '',
      nodes: new Map(waiting.map((node) => [node, { node, outcome: 'waiting', note: '' }])),
      gates: [],
      cancelRequested: false,
    }
    return { ...record, run }
  }
  const { run } = record
  if (!run) return undefined
  const withRun = (change: Partial<Run>): OperationRecord => ({ ...record, run: { ...run, ...change } })
  // The end is final: whoever paused or resumed it was too late.
  const over = run.endedAt !== undefined && !AFTER_THE_END.has(name)
  if (over) return undefined
  switch (name) {
    case 'operation.progressed':
      return withRun({
        nodes: new Map([...run.nodes, ...data.nodes.map((node) => [node.node, node] as const)]),
        ...(data.checkpoint !== undefined && { checkpoint: data.checkpoint }),
      })
    case 'operation.measured':
      return withRun({ [data.when]: data.values })
    case 'operation.compared':
      return withRun({ comparison: data })
    case 'operation.paused':
      return withRun({ state: 'paused', gates: data.gates })
    case 'operation.resumed':
      return withRun({ state: 'running', gates: [] })
    case 'operation.rate-changed':
      return withRun({ rate: data.rate })
    case 'operation.cancel-requested':
      return withRun({
        cancelRequested: true,
        state: run.state === 'paused' ? 'running' : run.state,
        gates: [],
      })
    case 'operation.undoing':
      return withRun({ undoing: data.reason })
    case 'operation.verifying':
      return withRun({ state: 'verifying' })
    case 'operation.ended':
      return withRun({ state: data.state, summary: data.summary, endedAt: time, gates: [] })
    default:
      return undefined
  }
}

/** An event as a line of the timeline; empty for what is shown elsewhere. */
function tell({ name, data }: Typed): string {
  switch (name) {
    case 'plan.ready':
      return `plan ready: ${data.body.changes.length} changes`
    case 'plan.refused':
      return `plan refused: ${data.problems.map(({ node, reason }) => (node ? `${node}: ${reason}` : reason)).join('; ')}`
    case 'plan.staled':
      return `stale: ${data.difference.join('; ')}`
    case 'operation.requested':
      return `run by ${nameOf(data.by)}: ${data.reason}`
    case 'operation.progressed':
      return data.nodes
        .map(({ node, outcome, note }) => `${node} ${outcome}${note ? ` (${note})` : ''}`)
        .join(', ')
    case 'operation.paused':
    case 'operation.resumed':
    case 'operation.cancel-requested':
      return `${name.slice('operation.'.length)}${data.by ? ` by ${nameOf(data.by)}` : ''}: ${data.reason}`
    case 'operation.undoing':
      return `undoing: ${data.reason}`
    case 'operation.verifying':
      return 'reading back'
    case 'operation.ended':
      return `${data.state}: ${data.summary}`
    case 'operation.reconciled':
      return `${data.node} is back: ${data.done}`
    default:
      return ''
  }
}

function nameOf({ token, claimedUser }: Actor): string {
  return claimedUser === undefined ? token : `${token} (for ${claimedUser})`
}

/** Whether a run is not over. */
export function isOpen(record: OperationRecord): boolean {
  return record.run !== undefined && record.run.endedAt === undefined
}

export function planView(record: OperationRecord, now: Date): Plan {
  const { id, kind, cluster, spec, plannedBy, createdAt, ready, refused, stale, run } = record
  return {
    id,
    kind,
    cluster,
    state: planStateOf(record, now),
    spec,
    by: plannedBy,
    createdAt,
    ...(ready && { readyAt: ready.at, expiresAt: ready.expiresAt, hash: ready.hash, ...ready.body }),
    ...(refused && { refused: [...refused] }),
    ...(stale && { stale }),
    ...(run && { operation: run.state }),
  }
}

function planStateOf({ ready, refused, stale, run }: OperationRecord, now: Date): Plan['state'] {
  if (stale) return 'stale'
  if (refused) return 'refused'
  if (!ready) return 'planning'
  return !run && now.toISOString() > ready.expiresAt ? 'expired' : 'ready'
}

/**
 * @param hindrance why it stands still although nobody paused it (the log takes no events); shown as a gate
 * @returns undefined for a plan that was not run
 */
export function operationView(
  { id, kind, cluster, ready, run, timeline }: OperationRecord,
  hindrance?: string,
): Operation | undefined {
  if (!run || !ready) return undefined
  const nodes = [...run.nodes.values()]
  const open = !nodes.length
    ? 0
    : nodes.filter(({ outcome }) => outcome === 'waiting' || outcome === 'working').length
  return {
    id,
    kind,
    cluster,
    state: hindrance === undefined ? run.state : 'paused',
    by: run.by,
    reason: run.reason,
    startedAt: run.startedAt,
    ...(run.endedAt !== undefined && { endedAt: run.endedAt }),
    summary: run.summary,
    nodes,
    progress: { done: nodes.length - open, total: nodes.length },
    ...(run.rate && { rate: run.rate }),
    ...(run.before && { before: run.before }),
    ...(run.after && { after: run.after }),
    ...(run.comparison && { comparison: run.comparison }),
    gates: [...run.gates, ...(hindrance === undefined ? [] : [hindrance])],
    changes: ready.body.changes,
    timeline,
  }
}
