import { until } from '../../stack/src/until.js'
import type { Operation, Plan } from '../src/contract/operations.js'
import type { Engine } from '../src/operations/engine.js'

/** An engine, and what a user waits for. */
export abstract class EngineBench {
  constructor(readonly engine: Engine) {}

  end(id: string): Promise<Operation> {
    return this.when(id, ({ endedAt }) => endedAt !== undefined, 'the end')
  }

  when(id: string, condition: (operation: Operation) => boolean, what: string): Promise<Operation> {
    const found = () => {
      const operation = this.engine.getOperation(id)!
      return condition(operation) ? operation : undefined
    }
    return until(found, { timeoutMs: 60_000, what, intervalMs: 5 })
  }

  /** Once it is no longer being made. */
  protected planned(id: string): Promise<Plan> {
    const found = () => {
      const plan = this.engine.getPlan(id)
      return plan?.state === 'planning' ? undefined : plan
    }
    return until(found, { timeoutMs: 60_000, what: 'the plan' })
  }
}
