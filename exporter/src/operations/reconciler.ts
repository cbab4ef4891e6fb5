import type { OperationRecord } from './record.js'
import type { Planner } from './planner.js'
import type { OperationStore } from './store.js'

/** Looks again at the nodes of one operation that had not answered when it ended. */
export async function reconcile(
  record: OperationRecord,
  planner: Planner,
  store: OperationStore,
): Promise<void> {
  const { id, ready, run } = record
  const [kind, cluster] = [planner.kind(record.kind), planner.cluster(record.cluster)]
  if (!kind?.reconcile || !cluster || !ready || !run) return
  for (const node of run.nodes.values()) {
    if (node.outcome !== 'unknown') continue
    const seen = await kind.reconcile(kind.spec.parse(record.spec), node, { id, cluster, body: ready.body })
    if (!seen) continue
    const { progress, found, done, settled } = seen
    const after = await store.append(id, [
      { type: 'operation.reconciled', data: { node: node.node, found, done } },
      { type: 'operation.progressed', data: { nodes: [progress] } },
    ])
    if (!settled || ![...after.run!.nodes.values()].every(({ outcome }) => outcome === 'done')) continue
    const summary = `done on every node after all; ${node.node} had been silent`
    await store.append(id, [{ type: 'operation.ended', data: { state: 'succeeded', summary } }])
  }
}
