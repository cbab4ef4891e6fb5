import type { z } from 'zod'
import type {
  Comparison,
  Measurement,
  NodeProgress,
  OperationState,
  PlanBody,
  Problem,
  Rate,
} from '../contract/operations.js'
import type { Cluster } from '../redis/cluster.js'

/** What a plan came to: a body that can be run, or the reasons why not. */
export type PlanOutcome = { readonly body: PlanBody } | { readonly problems: readonly Problem[] }

export interface PlanContext {
  /** Of the plan and its operation. */
  readonly id: string
  readonly cluster: Cluster
  /** The run may touch only keys that start with one of these, compared bytewise; undefined: all. */
  readonly keyPrefixes?: readonly string[]
  /** The plan was made before and is about to be run: only its fingerprint and problems count. */
  readonly again?: true
  /** Says how much was looked at, in units of the kind; costs nothing, however often. Absent: nobody wants to know. */
  readonly progress?: (done: number, total: number) => void
  /** To be awaited before each piece of what may take long. Absent: nobody can end it. @throws Cancelled */
  readonly turn?: () => Promise<void>
}

/** Somebody wants the plan or the operation to end; thrown by `turn`. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

/** The process must not touch anything for this operation any more; thrown by RunContext.mustOwn. */
export class OwnershipLost extends Error {
  override readonly name = 'OwnershipLost'
}

export interface RunContext extends PlanContext {
  readonly body: PlanBody
  /**
   * Name of every connection that writes for this run, `slotwise/<operation>/<token>`: a new owner kills those of
   * older tokens before it writes. None is used, a new one in its place neither, before the log has confirmed it.
   */
  readonly connectionName: string
  /**
   * To be called right before each write, after the connection was opened and named: what was sent by a process that
   * was stopped meanwhile goes to a connection that is dead.
   * @throws OwnershipLost when the lease ran out by this process' monotonic clock, less a margin
   */
  readonly mustOwn: () => void
  /**
   * To be awaited for each new connection that has this name, after that was answered and before anything is written
   * to it: resolves when the log, asked since then, still knows no later owner. Waits while the log does not answer.
   * @throws OwnershipLost
   */
  readonly confirmOwn: () => Promise<void>
  /** How far each node is, from the checkpoints; empty at the first start. */
  readonly nodes: readonly NodeProgress[]
  /** Set when a former process was taking back what was done: the run goes on with that. */
  readonly undone: { readonly reason: string; readonly cancelled: boolean } | undefined
  /**
   * Makes progress durable as it is at the call. Nothing is touched before this has said so, and it waits while the log
   * takes nothing.
   */
  checkpoint(nodes: readonly NodeProgress[], state?: unknown): Promise<void>
  /** What the last checkpoint was given as `state`; undefined at the first start. The kind checks its shape. */
  readonly state: unknown
  /** To be awaited before each piece: waits while the operation is paused. @throws Cancelled */
  turn(): Promise<void>
  /** What was asked for last; changes while it runs. */
  rate(): Rate
  /**
   * Says why the run holds itself up, in the log and in what the API shows; no reasons: it goes on. Does not wait:
   * the kind looks again and calls again. The same reasons again cost nothing.
   */
  gate(reasons: readonly string[]): Promise<void>
  /** Figures of the target, for the comparison of before and after. */
  measured(when: 'before' | 'after', values: Measurement): Promise<void>
  /** What the comparison with the source found. */
  compared(result: Comparison): Promise<void>
  /** All is done and is being read back. */
  verifying(): Promise<void>
  /** What was done is being taken back. */
  undoing(reason: string): Promise<void>
}

export interface Ending {
  readonly state: Exclude<OperationState, 'running' | 'paused' | 'verifying'>
  /** For people: what was done, what was not, what to do. */
  readonly summary: string
}

/** What a node that had not answered was found to have. */
export interface Reconciliation {
  readonly progress: NodeProgress
  readonly found: PlanBody['changes']
  readonly done: string
  /** Whether nothing of the plan is left to do on this node. */
  readonly settled: boolean
}

/** One kind of operation. Its docstring says what doing a piece twice means. */
export interface Kind<Spec = unknown> {
  readonly name: string
  /** The scope that a token needs besides plan and run. */
  readonly scope: string
  /** What it makes of a spec it makes again of what it made: the log keeps the spec with its defaults. */
  readonly spec: z.ZodType<Spec>
  /** Kinds that make a run of this one wait while they work on its cluster. */
  readonly yieldsTo?: readonly string[]
  /** Names of other clusters and sources that a spec reads from: a token must be allowed to see them. */
  readsFrom?(spec: Spec): readonly string[]
  /** Shards that a run works on; absent or undefined: all. Two runs of a kind do not share one. */
  shardsOf?(body: PlanBody): readonly string[] | undefined
  /** Whether it keeps to PlanContext.keyPrefixes; without it a token with key prefixes may not plan it. */
  readonly bindsKeys?: true
  /** Looks and never touches. Made again before a run: another fingerprint means that the plan is stale. */
  plan(spec: Spec, context: PlanContext): Promise<PlanOutcome>
  /** Runs the plan, or goes on with it after a restart. Throws only for what nobody foresaw. */
  run(spec: Spec, context: RunContext): Promise<Ending>
  /** Looks at a node whose outcome is unknown; undefined while it does not answer. */
  reconcile?(
    spec: Spec,
    node: NodeProgress,
    context: PlanContext & { readonly body: PlanBody },
  ): Promise<Reconciliation | undefined>
}
