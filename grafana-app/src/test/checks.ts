import { judge } from '../../../exporter/src/services/health/checks'

const NOTHING = { nodes: [], viewsRead: 0, views: 0, slotsCovered: 0, slotsMigrating: 0, failovers: 0, at: 0 }

/** Names of all checks that the exporter's health service makes. */
export const CHECKS: readonly string[] = judge({ name: 'demo', ...NOTHING }, new Map()).map(
  ({ name }) => name,
)
