import type { EventData } from '../contract/events.js'
import { rate } from '../contract/operations.js'
import type { Fact } from '../events/log.js'
import { progressOf } from './progress.js'
import { readEvent, type OwnRecord, type OwnRun, type Run, type Typed } from './record.js'
import { because, nameOf, tell, withLine } from './timeline.js'

/**
 * One step of the fold: `operation = events.reduce(applyEvent, undefined)`. It changes the record that it is given, for
 * a start may have a million events to take in; who has shown that record to somebody gives a copy of it.
 */
export function applyEvent(record: OwnRecord | undefined, event: Fact): OwnRecord | undefined {
  const typed = readEvent(event)
  if (typed?.name === 'plan.requested') {
    const { kind, cluster, spec, by, keyPrefixes } = typed.data
    const id = event.subject.slice('operation/'.length)
    return {
      id,
      version: event.streamversion,
      kind,
      cluster,
      spec,
      plannedBy: by,
      createdAt: event.time,
      ...(keyPrefixes && { keyPrefixes }),
      timeline: withLine([], event.time, typed.name, tell(typed, undefined)),
    }
  }
  if (!record) return undefined
  record.version = event.streamversion
  if (!typed) return record
  record.timeline = withLine(record.timeline, event.time, typed.name, tell(typed, record.run))
  changePlan(record, typed, event)
  if (typed.name === 'operation.requested') record.run = begun(record, typed.data, event)
  else if (record.run) changeRun(record.run, typed, event)
  return record
}

function changePlan(record: OwnRecord, { name, data }: Typed, { time }: Fact): void {
  switch (name) {
    case 'plan.progressed':
      record.planned = data
      break
    case 'plan.ready':
      record.ready = { at: time, hash: data.hash, body: data.body, expiresAt: data.expiresAt }
      break
    case 'plan.refused':
      record.refused = data.problems
      break
    case 'plan.cancelled': {
      const reason = `cancelled by ${nameOf(data.by)}${because(data.reason)}`
      record.refused = [{ reason, todo: 'plan again when it is wanted' }]
      break
    }
    case 'plan.staled':
      record.stale = data
  }
}

function begun({ ready, spec }: OwnRecord, data: EventData<'operation.requested'>, { time }: Fact): OwnRun {
  const { hash, reason, by, idempotencyKey } = data
  const waiting = [...new Set(ready?.body.changes.map(({ node }) => node))]
  return {
    phase: 'running',
    by,
    reason,
    hash,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    startedAt: time,
    summary: '',
    nodes: new Map(waiting.map((node) => [node, { node, outcome: 'waiting', note: '' }])),
    gates: [],
    cancelRequested: false,
    ...rateIn(spec),
    marks: [],
  }
}

/** A node that had been silent may still be told of. */
const AFTER_THE_END: ReadonlySet<string> = new Set([
  'operation.progressed',
  'operation.reconciled',
  'operation.ended',
])

function changeRun(run: OwnRun, { name, data }: Typed, { time }: Fact): void {
  // The end is final: whoever paused or resumed it was too late.
  if (run.endedAt !== undefined && !AFTER_THE_END.has(name)) return
  switch (name) {
    case 'operation.progressed':
      for (const node of data.nodes) run.nodes.set(node.node, node)
      run.marks = marked(run.marks, Date.parse(time), progressOf([...run.nodes.values()]).done)
      if (data.checkpoint !== undefined) run.checkpoint = data.checkpoint
      break
    case 'operation.overridden':
      run.overridden = data.checks
      break
    case 'operation.measured':
      run[data.when] = data.values
      break
    case 'operation.compared':
      run.comparison = data
      break
    // With `by` it is a person's, without it the operation's own; each ends what is its own.
    case 'operation.paused':
      run.marks = []
      run[data.by ? 'hold' : 'gates'] = data.gates
      break
    case 'operation.resumed':
      if (data.by) release(run)
      else Object.assign(run, { marks: [], gates: [] })
      break
    case 'operation.rate-changed':
      run.marks = []
      run.rate = { ...run.rate, ...data.rate }
      break
    case 'operation.cancel-requested':
      run.cancelRequested = true
      release(run)
      break
    case 'operation.undoing':
      run.undoing = data.reason
      break
    case 'operation.taken-up':
      run.marks = []
      break
    case 'operation.verifying':
      run.phase = 'verifying'
      break
    case 'operation.ended':
      // A version that knew less may have written it.
      run.phase = data.state === 'paused' ? 'needs-attention' : data.state
      run.summary = data.summary
      run.endedAt = time
      run.gates = []
      release(run)
  }
}

/** What a person's pause has held goes on. */
function release(run: OwnRun): void {
  if (!run.hold) return
  delete run.hold
  run.marks = []
}

/** A kind with a `rate` in its spec starts with that. */
function rateIn(spec: unknown): Pick<Run, 'rate'> {
  const { success, data } = rate.safeParse((spec as { rate?: unknown } | null)?.rate)
  return success ? { rate: data } : {}
}

const MARKS_FOR_MS = 30_000
const MARK_EVERY_MS = 1000

/** The last one is always the newest; the others are some time apart, however often progress is told. */
function marked(marks: Run['marks'], atMs: number, done: number): Run['marks'] {
  const before = marks.at(-2)
  const kept = before && atMs - before.atMs < MARK_EVERY_MS ? marks.slice(0, -1) : marks
  const old = kept.findIndex((mark) => mark.atMs >= atMs - MARKS_FOR_MS)
  return [...(old < 0 ? [] : kept.slice(old)), { atMs, done }]
}
