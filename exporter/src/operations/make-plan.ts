import type { NewEvent } from '../contract/events.js'
import type { HeldLease } from '../events/held-lease.js'
import { Cancelled } from './kind.js'
import type { Planner } from './planner.js'
import type { OperationRecord } from './record.js'
import { isPlanning } from './state.js'
import type { OperationStore } from './store.js'

interface Options {
  readonly planner: Planner
  readonly store: OperationStore
  /** How often the log is told how far it is. */
  readonly planTellMs: number
}

/**
 * Makes a plan, under its lease. How far it is goes into the log, so that every process can say it, but seldom: one
 * that is made at once tells nothing. It ends at its next turn when somebody has cancelled it, or another has the lease.
 * @throws LeaseLost | LogUnavailable
 */
export async function makePlan(
  record: OperationRecord,
  lease: HeldLease,
  { planner, store, planTellMs }: Options,
): Promise<void> {
  const { id } = record
  const isWanted = (now: OperationRecord | undefined) => now !== undefined && isPlanning(now)
  const append = (event: NewEvent) =>
    store.append(id, (now) => (isWanted(now) ? [event] : []), { fence: lease.fence })
  let [toldAt, telling] = [performance.now(), false]
  const outcome = await planner.look(record, {
    turn: () =>
      isWanted(store.get(id)) && lease.isHeld()
        ? Promise.resolve()
        : Promise.reject(new Cancelled('the plan is not wanted any more')),
    progress: (done, total) => {
      if (telling || performance.now() - toldAt < planTellMs) return
      telling = true
      void append({ type: 'plan.progressed', data: { done, total } })
        // The next one may do; that the lease is lost shows at the next turn.
        .catch(() => undefined)
        .finally(() => {
          toldAt = performance.now()
          telling = false
        })
    },
  })
  if (lease.isHeld()) await append(planner.told(record, outcome))
}
