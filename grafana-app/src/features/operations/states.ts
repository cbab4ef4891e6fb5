import type { BadgeColor } from '@grafana/ui'
import type { NodeProgress, OperationState } from '../../api/contract'

interface Said {
  readonly text: string
  readonly color: BadgeColor
  readonly severity: 'info' | 'success' | 'warning' | 'error'
}

/** Every state an operation can be in, as people read it. */
export const STATES: Readonly<Record<OperationState, Said>> = {
  running: { text: 'Running', color: 'blue', severity: 'info' },
  paused: { text: 'Paused', color: 'orange', severity: 'warning' },
  verifying: { text: 'Verifying', color: 'blue', severity: 'info' },
  succeeded: { text: 'Succeeded', color: 'green', severity: 'success' },
  failed: { text: 'Failed', color: 'red', severity: 'error' },
  cancelled: { text: 'Cancelled', color: 'purple', severity: 'info' },
  undone: { text: 'Undone', color: 'orange', severity: 'warning' },
  'needs-attention': { text: 'Needs attention', color: 'red', severity: 'error' },
}

export const OUTCOMES: Readonly<Record<NodeProgress['outcome'], { text: string; color: BadgeColor }>> = {
  waiting: { text: 'waiting', color: 'darkgrey' },
  working: { text: 'working', color: 'blue' },
  done: { text: 'done', color: 'green' },
  undone: { text: 'set back', color: 'orange' },
  refused: { text: 'refused', color: 'red' },
  unknown: { text: 'not known', color: 'red' },
  skipped: { text: 'not touched', color: 'darkgrey' },
}

/** What became of keys; in the order they are shown. */
export const COUNTS: Readonly<Record<string, string>> = {
  evicted: 'Evicted',
  unknown: 'Not known whether evicted',
  kept: 'Left: not every criterion met',
  others: 'Did not match',
  read: 'Read',
  written: 'Written',
  existing: 'Already there',
  maybeWritten: 'Maybe written, too',
  expired: 'Expired meanwhile',
  excluded: 'Not selected',
  tooBig: 'Too big',
  unsupported: 'Type not supported',
  failed: 'Failed',
  bytes: 'Data',
}

/** Figures of a target before and after. */
export const MEASURED: Readonly<Record<string, string>> = {
  keys: 'Keys',
  matching: 'Keys that meet the criteria',
  usedMemoryBytes: 'Memory in use',
  evictedKeys: 'Keys evicted since the start of the nodes',
  keyspaceHits: 'Hits, with the run’s own lookups',
  keyspaceMisses: 'Misses, with the run’s own lookups',
}
