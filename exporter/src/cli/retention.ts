import { ALERTS_FOLD } from '../services/alerting/alerting.js'
import { topologyFold } from '../services/discovery/changes.js'
import { verdictFold } from '../services/health/verdicts.js'
import { Retention, type KeptFold, type RetentionOptions } from '../services/retention/retention.js'
import { OPERATIONS_FOLD } from '../operations/store.js'

const HOUR_MS = 3_600_000

/** Folds whose owners keep their snapshots by themselves. */
const KEPT: readonly KeptFold[] = [OPERATIONS_FOLD, ALERTS_FOLD]
const SAVED_HERE = [topologyFold, verdictFold]

/** Every fold that a start reads. One that is missing here would lose what retention removes. */
export const FOLDS: readonly KeptFold[] = [...KEPT, ...SAVED_HERE]

export function makeRetention(
  options: Omit<RetentionOptions, 'folds' | 'kept' | 'everyMs' | 'now'>,
): Retention {
  return new Retention({
    ...options,
    folds: SAVED_HERE,
    kept: KEPT,
    everyMs: HOUR_MS,
    now: () => new Date(),
  })
}
