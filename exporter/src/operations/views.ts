import type { Operation, Plan } from '../contract/operations.js'
import { sayHold } from './frozen.js'
import type { FreezeState } from './operations.js'
import { countsOf, progressOf } from './progress.js'
import { stateOf, type OperationRecord, type Run } from './record.js'

/** A plan as the API shows it. */
export function planView(record: OperationRecord, now: Date): Plan {
  const { id, kind, cluster, spec, plannedBy, createdAt, keyPrefixes, ready, refused, stale, run } = record
  const { planned } = record
  const state = planStateOf(record, now)
  return {
    id,
    kind,
    cluster,
    state,
    spec,
    by: plannedBy,
    createdAt,
    ...(keyPrefixes && { keyPrefixes: [...keyPrefixes] }),
    ...(ready && { readyAt: ready.at, expiresAt: ready.expiresAt, hash: ready.hash, ...ready.body }),
    ...(state === 'planning' && planned && { progress: planned }),
    ...(refused && { refused: [...refused] }),
    ...(stale && { stale }),
    ...(run && { operation: stateOf(run) }),
  }
}

function planStateOf({ ready, refused, stale, run }: OperationRecord, now: Date): Plan['state'] {
  if (stale) return 'stale'
  if (refused) return 'refused'
  if (!ready) return 'planning'
  return !run && now.toISOString() > ready.expiresAt ? 'expired' : 'ready'
}

/**
 * An operation as the API shows it.
 * @param frozen whether operations are frozen now
 * @param hindrance why it stands still although nobody paused it (the log takes no events); shown as a gate
 * @returns undefined for a plan that was not run
 */
export function operationView(
  { id, kind, cluster, spec, ready, run, timeline }: OperationRecord,
  frozen: FreezeState,
  hindrance?: string,
): Operation | undefined {
  if (!run || !ready) return undefined
  const nodes = [...run.nodes.values()]
  const counts = countsOf(nodes)
  const { rate, before, after, comparison } = run
  const etaSeconds = hindrance === undefined ? etaOf(run, keyLimitIn(spec)) : undefined
  return {
    id,
    kind,
    cluster,
    state: hindrance === undefined ? stateOf(run) : 'paused',
    by: run.by,
    reason: run.reason,
    startedAt: run.startedAt,
    ...(run.endedAt !== undefined && { endedAt: run.endedAt }),
    summary: run.summary,
    nodes,
    progress: progressOf(nodes),
    ...(rate && { rate }),
    ...(etaSeconds !== undefined && { etaSeconds }),
    gates: [
      ...(run.hold ?? []).map((gate) => sayHold(gate, frozen)),
      ...run.gates,
      ...(hindrance === undefined ? [] : [hindrance]),
    ],
    ...(counts && { counts }),
    ...(comparison && { comparison }),
    ...(before && { before }),
    ...(after && { after }),
    changes: ready.body.changes,
    timeline: [...timeline],
  }
}

/** After how many keys that it counts the run ends by itself; undefined where its spec has no such limit. */
function keyLimitIn(spec: unknown): number | undefined {
  const { keys } = (spec as { readonly limits?: { readonly keys?: unknown } }).limits ?? {}
  return typeof keys === 'number' ? keys : undefined
}

/**
 * From how fast it went of late, else from its rate; undefined while it stands, or where nothing tells.
 * @param limit after how many keys it ends that are evicted or written, however many it has looked at
 */
function etaOf(run: Run, limit: number | undefined): number | undefined {
  if (stateOf(run) !== 'running') return undefined
  const nodes = [...run.nodes.values()]
  if (!nodes.some(({ total }) => total !== undefined)) return undefined
  const { done, total } = progressOf(nodes)
  const { evicted, written, unknown = 0 } = countsOf(nodes) ?? {}
  const used = (evicted ?? written ?? 0) + unknown
  const untilLimit = limit === undefined || used === 0 ? Infinity : ((limit - used) / used) * done
  const left = Math.max(0, Math.min(total - done, untilLimit))
  const [first, last] = [run.marks[0], run.marks.at(-1)]
  const seconds = first && last ? (last.atMs - first.atMs) / 1000 : 0
  const measured = seconds > 0 ? (last!.done - first!.done) / seconds : 0
  const speed = measured > 0 ? measured : run.rate?.keysPerSecond
  return speed === undefined ? undefined : Math.ceil(left / speed)
}
