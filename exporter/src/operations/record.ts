import type { Actor } from '../contract/actor.js'
import { eventTypes, TYPE_PREFIX, type EventData, type EventName } from '../contract/events.js'
import { nodeProgress } from '../contract/operations.js'
import type {
  Comparison,
  Measurement,
  NodeProgress,
  Operation,
  OperationState,
  PlanBody,
  Problem,
  Progress,
  Rate,
} from '../contract/operations.js'
import type { Fact } from '../events/log.js'

/** The gate that the log has of a run which a freeze paused. */
export const FROZEN = 'frozen'

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
  /** The run may touch only keys that start with one of these; absent: all. */
  readonly keyPrefixes?: readonly string[]
  readonly ready?: {
    readonly at: string
    readonly hash: string
    readonly body: PlanBody
    readonly expiresAt: string
  }
  readonly refused?: readonly Problem[]
  /** How far the plan was when that was told last. */
  readonly planned?: Progress
  readonly stale?: { readonly difference: string[]; readonly freshPlan: string }
  readonly run?: Run
  readonly timeline: Operation['timeline']
}

export interface Run {
  /** How far it is; whether it waits there is told by `hold` and `gates`. */
  readonly phase: Exclude<OperationState, 'paused'>
  /** Somebody paused it, and until somebody resumes it it waits; why, where it was not for itself (`frozen`). */
  readonly hold?: readonly string[]
  /** Why it holds itself up. */
  readonly gates: readonly string[]
  readonly by: Actor
  readonly reason: string
  readonly hash: string
  readonly idempotencyKey?: string
  /** Checks that forbid it and were overridden. */
  readonly overridden?: readonly string[]
  readonly startedAt: string
  readonly endedAt?: string
  readonly summary: string
  readonly nodes: ReadonlyMap<string, NodeProgress>
  readonly cancelRequested: boolean
  /** Why what was done is being taken back. */
  readonly undoing?: string
  readonly rate?: Rate
  /** How much was done when, of late, since it last went on; for its speed. */
  readonly marks: readonly { readonly atMs: number; readonly done: number }[]
  /** What the kind gave with its last checkpoint. */
  readonly checkpoint?: unknown
  readonly before?: Measurement
  readonly after?: Measurement
  readonly comparison?: Comparison
}

type Own<T> = { -readonly [K in keyof T]: T[K] }

/** A record that nobody else has, so that it can be changed. */
export type OwnRecord = Own<Omit<OperationRecord, 'run'>> & { run?: OwnRun }
export type OwnRun = Own<Omit<Run, 'nodes'>> & { readonly nodes: Map<string, NodeProgress> }

/** One to change, where somebody else may have the record. Only what the fold changes where it stands is doubled. */
export function copyOf(record: OwnRecord): OwnRecord {
  const { run } = record
  return run ? { ...record, run: { ...run, nodes: new Map(run.nodes) } } : { ...record }
}

/** An event of the operation streams, typed by its name. */
export type Typed = { [N in EventName]: { readonly name: N; readonly data: EventData<N> } }[EventName]

const PROGRESSED = `${TYPE_PREFIX}operation.progressed`

/** The event's short name and its payload; undefined for what this version does not know, be it the type or the payload. */
export function readEvent(event: Fact): Typed | undefined {
  if (event.type === PROGRESSED && isProgress(event.data))
    return { name: 'operation.progressed', data: event.data }
  const name = event.type.slice(TYPE_PREFIX.length)
  if (!Object.hasOwn(eventTypes, name)) return undefined
  const { success, data } = eventTypes[name as EventName].data.safeParse(event.data)
  return success ? ({ name, data } as Typed) : undefined
}

/** The schema of almost all events there are, as far as readers rely on it; the schema itself takes ten times as long. */
function isProgress(data: unknown): data is EventData<'operation.progressed'> {
  const nodes = (data as { readonly nodes?: unknown } | null | undefined)?.nodes
  return Array.isArray(nodes) && nodes.every(isNode)
}

function isNode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { node, outcome, note, shard, done, total, counts } = value as Readonly<Record<string, unknown>>
  const isNumber = (one: unknown) => one === undefined || typeof one === 'number'
  return (
    typeof node === 'string' &&
    outcomes.has(outcome) &&
    typeof note === 'string' &&
    (shard === undefined || typeof shard === 'string') &&
    isNumber(done) &&
    isNumber(total) &&
    (counts === undefined ||
      (typeof counts === 'object' && counts !== null && Object.values(counts).every(isNumber)))
  )
}

const outcomes: ReadonlySet<unknown> = new Set(nodeProgress.shape.outcome.options)

/** Whether a run is not over. */
export function isOpen(record: OperationRecord): boolean {
  return record.run !== undefined && record.run.endedAt === undefined
}

/** A run's state as people know it: one that waits is paused, whoever holds it up. */
export function stateOf({ phase, hold, gates, endedAt }: Run): OperationState {
  return endedAt === undefined && (hold !== undefined || gates.length > 0) ? 'paused' : phase
}
