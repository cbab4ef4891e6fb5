import type { Fact } from '../../features/topology/fact'
import { factsOf } from '../../features/topology/facts'

/** Columns of figures, of each shard's primary. */
const COLUMNS = {
  keys: factsOf('memory').keys!,
  memory: { ...factsOf('memory').memoryUsed!, label: 'Memory' },
  full: factsOf('memory').memoryShare!,
  commands: factsOf('commands').commands!,
} as const satisfies Record<string, Fact>

export type FigureName = keyof typeof COLUMNS
export const FIGURES: Readonly<Record<FigureName, Fact>> = COLUMNS
