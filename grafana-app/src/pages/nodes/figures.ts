import type { Fact } from '../../features/topology/fact'
import { factsOf } from '../../features/topology/facts'
import * as query from '../../queries/nodes'
import { age } from '../../components/age'

/** Columns of figures, in their order. */
const COLUMNS = {
  memory: factsOf('memory').memoryUsed!,
  full: factsOf('memory').memoryShare!,
  commands: factsOf('commands').commands!,
  latency: { ...factsOf('commands').latency!, label: 'Latency' },
  cpu: factsOf('commands').cpu!,
  clients: factsOf('clients').clients!,
  evicted: { ...factsOf('memory').evicted!, label: 'Evicted' },
  lag: { ...factsOf('replication').lagSeconds!, label: 'Lag' },
  uptime: {
    label: 'Up',
    about: 'Since its start.',
    query: query.uptime,
    say: (seconds) => age(seconds * 1000),
  },
} as const satisfies Record<string, Fact>

export type FigureName = keyof typeof COLUMNS

export const FIGURES: Readonly<Record<FigureName, Fact>> = COLUMNS
