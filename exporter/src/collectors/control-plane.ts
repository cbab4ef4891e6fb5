import type { Samples } from '../exposition/families.js'
import { ownFamily } from './table.js'

/** What the control plane says of itself. */
const inProgress = ownFamily(
  'gauge',
  'slotwise_operation_in_progress',
  'Operations of a kind that are not over.',
)
const keys = ownFamily(
  'counter',
  'slotwise_operation_keys_total',
  'Keys that operations of a kind looked at, by what became of them (outcome).',
)
const bytes = ownFamily(
  'counter',
  'slotwise_operation_bytes_total',
  'Bytes of the values that operations of a kind wrote.',
)
const events = ownFamily('counter', 'slotwise_events_total', 'Events in the log.')
const storeBytes = ownFamily('gauge', 'slotwise_events_store_bytes', 'Bytes of the event log.')
const digest = ownFamily(
  'gauge',
  'slotwise_events_digest_info',
  'Hash of the newest digest of the event log; always 1. Kept elsewhere, it shows a log that was cut.',
)
const available = ownFamily(
  'gauge',
  'slotwise_events_log_up',
  '1 when the event log is open and takes events; 0: nothing is planned, run or recorded.',
)

export const controlPlaneFamilies = [inProgress, keys, bytes, events, storeBytes, digest, available]

export interface ControlPlaneFacts {
  /** Open operations by kind, zero for kinds without any; by cluster. */
  readonly operations: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** What operations counted since the log began, by kind and outcome; by cluster. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, number>>>>
  /** Undefined while the log is not open. */
  readonly log: { readonly events: number; readonly bytes: number; readonly lastDigest: string } | undefined
  /** Whether what was last done with the log could be done. */
  readonly logWorks: boolean
}

export function collectLog({ log, logWorks }: ControlPlaneFacts, samples: Samples): void {
  samples.add(available, log && logWorks ? 1 : 0)
  if (!log) return
  samples.add(events, log.events)
  samples.add(storeBytes, log.bytes)
  if (log.lastDigest !== '') samples.add(digest, 1, [['digest', log.lastDigest]])
}

export function collectOperations(
  { operations, counts }: ControlPlaneFacts,
  cluster: string,
  samples: Samples,
): void {
  for (const [kind, count] of operations.get(cluster) ?? []) samples.add(inProgress, count, [['kind', kind]])
  for (const [kind, byOutcome] of counts.get(cluster) ?? [])
    for (const [outcome, count] of Object.entries(byOutcome)) {
      if (outcome === 'bytes') samples.add(bytes, count, [['kind', kind]])
      // `read` is the sum of the others, `maybeWritten` a part of `existing`.
      else if (outcome !== 'read' && outcome !== 'maybeWritten')
        samples.add(keys, count, [
          ['kind', kind],
          ['outcome', outcome],
        ])
    }
}
