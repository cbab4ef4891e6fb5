import type { Engine } from '../operations/engine.js'
import { OPERATIONS_FOLD } from '../operations/store.js'
import { ALERTS_FOLD, type Alerting } from '../services/alerting/alerting.js'
import { topologyFold } from '../services/discovery/changes.js'
import { verdictFold } from '../services/health/verdicts.js'
import { Retention, type RetentionOptions } from '../services/retention/retention.js'

const HOUR_MS = 3_600_000

/** Every fold that a start reads. What retention removes is lost to one that is missing here. */
export const FOLDS = [OPERATIONS_FOLD, ALERTS_FOLD, topologyFold, verdictFold]

export function makeRetention(
  { engine, alerting }: { readonly engine: Engine; readonly alerting: Alerting },
  options: Omit<RetentionOptions, 'folds' | 'kept' | 'everyMs' | 'now'>,
): Retention {
  return new Retention({
    ...options,
    folds: [topologyFold, verdictFold],
    kept: [
      { ...OPERATIONS_FOLD, save: () => engine.saveSnapshot() },
      { ...ALERTS_FOLD, save: () => alerting.snapshot() },
    ],
    everyMs: HOUR_MS,
    now: () => new Date(),
  })
}
