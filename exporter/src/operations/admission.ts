import type { NewEvent } from '../contract/events.js'
import type { StreamAppend } from '../events/log.js'
import { OperationError, type RunRequest } from './operations.js'
import type { OperationRecord } from './record.js'
import type { Admission } from './state.js'
import type { OperationStore } from './store.js'

/** That somebody runs a plan, as events of its stream. */
export function requested({ hash, reason, by, idempotencyKey, override = [] }: RunRequest): NewEvent[] {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey }
  const run: NewEvent = { type: 'operation.requested', data: { hash, reason, by, ...key } }
  if (override.length === 0) return [run]
  return [run, { type: 'operation.overridden', data: { by, checks: [...new Set(override)] } }]
}

/**
 * What goes into the log together with a run: that it has its shards. It goes in only where nobody was admitted to the
 * cluster, and nothing frozen, since this process looked.
 */
export function admitted(
  { id: operation, cluster, kind }: OperationRecord,
  shards: readonly string[] | undefined,
  store: Pick<OperationStore, 'versionOf'>,
): StreamAppend[] {
  const granted: NewEvent = {
    type: 'admission.granted',
    data: { operation, kind, ...(shards && { shards: [...shards] }) },
  }
  const unchanged = (stream: string, events: readonly NewEvent[]) => ({
    stream,
    expectedVersion: store.versionOf(stream),
    events,
  })
  return [unchanged(`admission/${cluster}`, [granted]), unchanged('control', [])]
}

/**
 * Two runs of one kind do not share a shard. Another kind may start: who has to wait says so (`yieldsTo`).
 * @param holders of the record's cluster
 * @throws OperationError
 */
export function refuseHeld(
  { cluster, kind }: OperationRecord,
  shards: readonly string[] | undefined,
  holders: Admission['holders'],
): void {
  const shared = [...holders].find(([, held]) => held.kind === kind && share(held.shards, shards))
  if (!shared) return
  const [operation, held] = shared
  const where = shards && held.shards ? `shards of ${cluster} that this plan works on, too` : cluster
  throw new OperationError(
    'conflict',
    `operation ${operation} (${kind}) works on ${where}; wait for its end or cancel it`,
    { operation },
  )
}

function share(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return !some || !others || some.some((shard) => others.includes(shard))
}
