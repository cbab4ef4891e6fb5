import type { StoredEvent } from '../contract/events.js'
import { rate } from '../contract/operations.js'
import { progressOf } from './progress.js'
import { readEvent, type OperationRecord, type Run, type Typed } from './record.js'
import { because, nameOf, tell, withLine } from './timeline.js'

/** One step of the fold: `operation = events.reduce(applyEvent, undefined)`. */
export function applyEvent(
  record: OperationRecord | undefined,
  event: StoredEvent,
): OperationRecord | undefined {
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
  const version = event.streamversion
  if (!typed) return { ...record, version }
  const changed = planChange(typed, event) ?? runChange(record, typed, event)
  const timeline = withLine(record.timeline, event.time, typed.name, tell(typed, record.run))
  return { ...record, ...changed, version, timeline }
}

type Change = Partial<OperationRecord>

function planChange({ name, data }: Typed, { time }: StoredEvent): Change | undefined {
  switch (name) {
    case 'plan.progressed':
      return { planned: data }
    case 'plan.ready':
      return { ready: { at: time, hash: data.hash, body: data.body, expiresAt: data.expiresAt } }
    case 'plan.refused':
      return { refused: data.problems }
    case 'plan.cancelled':
      return {
        refused: [
          {
            reason: `cancelled by ${nameOf(data.by)}${because(data.reason)}`,
            todo: 'plan again when it is wanted',
          },
        ],
      }
    case 'plan.staled':
      return { stale: data }
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

function runChange(
  record: OperationRecord,
  { name, data }: Typed,
  { time }: StoredEvent,
): Change | undefined {
  if (name === 'operation.requested') {
    const { hash, reason, by, idempotencyKey } = data
    const waiting = [...new Set(record.ready?.body.changes.map(({ node }) => node))]
    const run: Run = {
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
      ...rateIn(record.spec),
      marks: [],
    }
    return { run }
  }
  const { run } = record
  if (!run) return undefined
  const withRun = (change: Partial<Run>): Change => ({ run: { ...run, ...change } })
  // The end is final: whoever paused or resumed it was too late.
  const over = run.endedAt !== undefined && !AFTER_THE_END.has(name)
  if (over) return undefined
  switch (name) {
    case 'operation.progressed': {
      const nodes = new Map(run.nodes)
      for (const node of data.nodes) nodes.set(node.node, node)
      return withRun({
        nodes,
        marks: marked(run.marks, Date.parse(time), progressOf([...nodes.values()]).done),
        ...(data.checkpoint !== undefined && { checkpoint: data.checkpoint }),
      })
    }
    case 'operation.overridden':
      return withRun({ overridden: data.checks })
    case 'operation.measured':
      return withRun({ [data.when]: data.values })
    case 'operation.compared':
      return withRun({ comparison: data })
    // With `by` it is a person's, without it the operation's own; each ends what is its own.
    case 'operation.paused':
      return withRun({ marks: [], ...(data.by ? { hold: data.gates } : { gates: data.gates }) })
    case 'operation.resumed':
      return data.by ? released(run) : withRun({ marks: [], gates: [] })
    case 'operation.rate-changed':
      return withRun({ marks: [], rate: { ...run.rate, ...data.rate } })
    case 'operation.cancel-requested':
      return released({ ...run, cancelRequested: true })
    case 'operation.undoing':
      return withRun({ undoing: data.reason })
    case 'operation.taken-up':
      return withRun({ marks: [] })
    case 'operation.verifying':
      return withRun({ phase: 'verifying' })
    case 'operation.ended':
      return released({
        ...run,
        // A version that knew less may have written it.
        phase: data.state === 'paused' ? 'needs-attention' : data.state,
        summary: data.summary,
        endedAt: time,
        gates: [],
      })
    default:
      return undefined
  }
}

/** What a person's pause has held goes on. */
function released(run: Run): Change {
  const { hold, ...rest } = run
  return { run: hold ? { ...rest, marks: [] } : run }
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
