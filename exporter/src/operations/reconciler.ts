import type { NewEvent } from '../contract/events.js'
import type { Candidate } from '../events/held-lease.js'
import { LeaseLost, type Fence } from '../events/log.js'
import type { OperationRecord, Run } from './record.js'
import type { Planner } from './planner.js'
import type { OperationStore } from './store.js'

/** Looks again at nodes that had not answered when their operation ended, in one process at a time. */
export class Reconciler {
  constructor(
    private readonly planner: Planner,
    private readonly store: OperationStore,
    private readonly lease: Candidate,
  ) {}

  /** Looks once, where there is anything to look at. @throws LogUnavailable */
  async reconcile(): Promise<void> {
    const waiting = this.store.all().filter(({ run }) => run?.phase === 'needs-attention' && hasUnknown(run))
    if (waiting.length === 0) return this.lease.release()
    try {
      const fence = await this.lease.fence()
      if (!fence) return
      await Promise.all(waiting.map((record) => reconcile(record, this.planner, this.store, fence)))
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error
    }
  }

  stop(): Promise<void> {
    return this.lease.release()
  }
}

function hasUnknown({ nodes }: Run): boolean {
  return [...nodes.values()].some(({ outcome }) => outcome === 'unknown')
}

/**
 * Looks again at the nodes of one operation that had not answered when it ended.
 * @param fence of the one process that does so
 * @throws LeaseLost | LogUnavailable
 */
async function reconcile(
  record: OperationRecord,
  planner: Planner,
  store: OperationStore,
  fence: Fence,
): Promise<void> {
  const { id, ready, run } = record
  const [kind, cluster] = [planner.kind(record.kind), planner.cluster(record.cluster)]
  if (!kind?.reconcile || !cluster || !ready || !run) return
  for (const node of run.nodes.values()) {
    if (node.outcome !== 'unknown') continue
    const seen = await kind.reconcile(kind.spec.parse(record.spec), node, { id, cluster, body: ready.body })
    if (!seen) continue
    const { progress, found, done, settled } = seen
    const told: NewEvent[] = [
      { type: 'operation.reconciled', data: { node: node.node, found, done } },
      { type: 'operation.progressed', data: { nodes: [progress] } },
    ]
    const isUnknown = (now: OperationRecord | undefined) =>
      now?.run?.nodes.get(node.node)?.outcome === 'unknown'
    const after = await store.append(id, (now) => (isUnknown(now) ? told : []), { fence })
    if (!settled || ![...after.run!.nodes.values()].every(({ outcome }) => outcome === 'done')) continue
    const summary = `done on every node after all; ${node.node} had been silent`
    const ended: NewEvent = { type: 'operation.ended', data: { state: 'succeeded', summary } }
    const isOpen = (now: OperationRecord | undefined) => now?.run?.phase === 'needs-attention'
    await store.append(id, (now) => (isOpen(now) ? [ended] : []), { fence })
  }
}
