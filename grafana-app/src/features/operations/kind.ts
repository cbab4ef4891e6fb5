import type { ComponentType } from 'react'
import type { Operation, Plan } from '../../api/contract'
import type { SayValue } from './changes'

export interface SpecFormProps {
  readonly cluster: string
  /** The spec of the plan that is to be changed; undefined: begin with the defaults. */
  readonly initial: unknown
  readonly onPlan: (spec: Record<string, unknown>) => void
  /** The plan is being asked for. */
  readonly pending: boolean
  /** Why nobody may plan here; empty when they may. */
  readonly forbidden: string
}

/** How what was compared at the end is told. */
export interface ComparedWords {
  readonly title: string
  /** Nothing was compared. */
  readonly none: string
  right(checked: number, gone: number): string
  wrong(wrong: number, checked: number): string
  /** Of the figures; one without a label is not shown. */
  readonly labels: Readonly<Partial<Record<'checked' | 'same' | 'different' | 'missing' | 'gone', string>>>
}

/** What is said of an operation that runs, or has run. */
export interface OperationKind {
  /** As the API names it. */
  readonly name: string
  /** As people name it, in a sentence: `warmup`. */
  readonly noun: string
  /** What progress counts: `keys`. */
  readonly unit: string
  /** Whether its rate can be changed while it runs. */
  readonly paced: boolean
  readonly say: SayValue
  /** What cancelling leaves behind. */
  readonly cancelling: string
  /** How its verification is told; absent: as a comparison with a source. */
  readonly compared?: ComparedWords
  /** What to look at, or to do, now that it has ended so. */
  next(operation: Operation): string
}

/** What one kind of operation adds to the flow that all share. */
export interface ActionKind extends OperationKind {
  readonly article: 'a' | 'an'
  /** What is looked at while it is being planned. */
  readonly looksAt: string
  readonly Form: ComponentType<SpecFormProps>
  /** What only this kind's plan has. */
  readonly Review?: ComponentType<{ readonly plan: Plan }>
  /** Scope and count of what the run does, as title and button say it: `Warm 60,000 keys into cold`. */
  action(plan: Plan): string
  /** What it is done to or from, as a sentence. */
  subject?(plan: Plan): string
  /** What the spec permits that may hurt, a sentence each; the run is marked dangerous then. */
  dangers(plan: Plan): readonly string[]
  /** What taking it back takes. */
  undoing(plan: Plan): string
}
