import type { ActionKind, OperationKind } from '../../features/operations/kind'
import { evictKeys } from '../../features/evict-keys/kind'
import { evictionPolicy } from '../../features/eviction/kind'
import { warmup } from '../../features/warmup/kind'

const KINDS: readonly ActionKind[] = [warmup, evictionPolicy, evictKeys]

/** What the app knows of a kind that it can plan; undefined for one of a newer exporter. */
export const actionKind = (name: string): ActionKind | undefined => KINDS.find((kind) => kind.name === name)

/** What can be said of any kind: one that the app does not know is shown all the same. */
export const operationKind = (name: string): OperationKind =>
  actionKind(name) ?? {
    name,
    noun: name,
    unit: 'steps',
    paced: false,
    say: (_, value) => value,
    cancelling: 'What that leaves behind depends on the kind of operation; this app does not know it.',
    next: () => 'read the summary and the timeline.',
  }
