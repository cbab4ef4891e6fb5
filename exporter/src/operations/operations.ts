import type { Actor } from '../contract/actor.js'
import type { Operation, Plan, Rate } from '../contract/operations.js'

export type OperationErrorCode =
  | 'unknown-cluster' // 404
  | 'unknown-kind' // 400
  | 'unknown-plan' // 404
  | 'invalid-spec' // 400; problems name the fields
  | 'not-ready' // 409: still planning, refused, expired, or blocked by checks that are not overridden (blockers)
  | 'wrong-confirm' // 400
  | 'wrong-hash' // 409
  | 'already-run' // 409
  | 'stale' // 409 with difference and freshPlan
  | 'conflict' // 409: another operation holds the cluster, or too many plans of it are being made
  | 'frozen' // 409
  | 'wrong-state' // 409: e.g. resume of what is not paused
  | 'limited-keys' // 403: the kind cannot keep to the token's key prefixes
  | 'log-unavailable' // 503

/** Why a request to the engine is refused, for the person who made it. Nothing was changed. */
export class OperationError extends Error {
  override readonly name = 'OperationError'
  constructor(
    readonly code: OperationErrorCode,
    message: string,
    /** Shown in the answer: problems, difference, freshPlan, operation, … */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
  }
}

export interface PlanRequest {
  readonly cluster: string
  readonly kind: string
  readonly spec: unknown
  readonly by: Actor
  /** The token's: the run touches only keys that start with one of these. */
  readonly keyPrefixes?: readonly string[]
}

export interface RunRequest {
  /** The cluster's name, typed again. */
  readonly confirm: string
  readonly hash: string
  readonly reason: string
  readonly by: Actor
  readonly idempotencyKey?: string
  /** The checks among the plan's `blockers` that are overridden: all of them, or it is not run. */
  readonly override?: readonly string[] | undefined
}

/** Since when it is so, and who made it so and why. */
export interface FreezeState {
  readonly on: boolean
  readonly reason: string
  readonly by?: Actor
  readonly since?: string
}

/** The engine as its users (the control API) see it. All methods but the lookups throw OperationError. */
export interface Operations {
  /** Starts to plan; the plan is `planning` when this resolves. */
  plan(request: PlanRequest): Promise<Plan>
  getPlan(id: string): Plan | undefined
  /** Ends a plan while it is being made; whoever makes it stops soon. */
  cancelPlan(id: string, by: Actor, reason: string): Promise<Plan>
  /** Runs a plan once. Resolves when *requested* is durable; the same idempotency key gives the same answer again. */
  run(planId: string, request: RunRequest): Promise<Operation>
  getOperation(id: string): Operation | undefined
  /** Newest first. */
  listOperations(): readonly Operation[]
  pause(id: string, by: Actor, reason: string): Promise<Operation>
  resume(id: string, by: Actor, reason: string): Promise<Operation>
  cancel(id: string, by: Actor, reason: string): Promise<Operation>
  setRate(id: string, by: Actor, rate: Rate): Promise<Operation>
  /** Of what is frozen already the first reason stays; the second is an event only. */
  freeze(on: boolean, reason: string, by: Actor): Promise<FreezeState>
  readonly frozen: FreezeState
  /** The kind's own scope (`policy`), for the check of a token; undefined for an unknown kind. */
  scopeOf(kind: string): string | undefined
  /** Other clusters and sources that a spec reads from, by name; none for what is no spec of a kind. */
  readsFrom(kind: string, spec: unknown): readonly string[]
}
