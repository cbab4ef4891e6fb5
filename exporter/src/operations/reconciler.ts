import type { NewEvent } from '../contract/events.js'
import type { Fence } from '../events/log.js'
import type { OperationRecord } from './record.js'
import type { Planner } from './planner.js'
import type { OperationStore } from './store.js'

/**
 * Looks again at the nodes of one operation that had not answered when it ended.
 * @param fence of the one process that does so
 * @throws LeaseLost | LogUnavailable
 */
export async function reconcile(
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
