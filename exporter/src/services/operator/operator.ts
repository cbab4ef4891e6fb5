import type { Engine } from '../../operations/engine.js'

export interface OperatorOptions {
  readonly engine: Engine
  /** How often nodes are looked at that had not answered. */
  readonly reconcileMs: number
  readonly onError: (error: unknown) => void
}

/** Runs the operations: goes on with those that a former process left, and reconciles those that want attention. */
export class Operator {
  #timer: NodeJS.Timeout | undefined
  #reconciling = Promise.resolve()

  constructor(private readonly options: OperatorOptions) {}

  start(): void {
    this.options.engine.start()
    this.#later()
  }

  /** Leaves every run at its next turn. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#reconciling
    clearTimeout(this.#timer)
    await this.options.engine.stop()
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      this.#reconciling = this.options.engine
        .reconcile()
        .catch(this.options.onError)
        .finally(() => this.#later())
    }, this.options.reconcileMs)
  }
}
