/** Every family there is, for the documentation and the checks of whoever uses the names. */
import { fullName, type Family, type FamilyType } from '../exposition/families.js'
import { canaryFamilies } from './canary.js'
import { clusterInfo } from './cluster-info.js'
import { clusterFamilies } from './cluster-topology.js'
import { commandstatsFamilies } from './commandstats.js'
import { controlPlaneFamilies } from './control-plane.js'
import { cpuFamilies } from './cpu.js'
import { errorstatsFamilies } from './errorstats.js'
import { evictionFamilies } from './eviction.js'
import { exporterFamilies } from './exporter.js'
import { nodeCollectors } from './node.js'
import { replicationLagFamilies } from './replication-lag.js'
import { replicationFamilies } from './replication.js'
import { infoSections, systemSections } from './sections.js'
import { limitFamilies } from './limits.js'
import { scriptingEngineFamilies } from './scripting-engines.js'
import { selfFamilies } from './self.js'
import { tlsFamilies } from './tls.js'
import { serverFamilies } from './server.js'

export interface CatalogueEntry {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  /** Where the value comes from. */
  readonly source: string
}

const groups: readonly (readonly [source: string, families: readonly Family[]])[] = [
  ['INFO server', serverFamilies],
  ['INFO replication', replicationFamilies],
  ['INFO cpu', cpuFamilies],
  ['INFO commandstats', commandstatsFamilies],
  ['INFO errorstats', errorstatsFamilies],
  ['INFO tls', tlsFamilies],
  ['INFO scriptingengines', scriptingEngineFamilies],
  ['exporter', [...selfFamilies, ...limitFamilies, ...exporterFamilies]],
  ['CLUSTER NODES', clusterFamilies],
  ['INFO replication over time', replicationLagFamilies],
  ['canary', canaryFamilies],
  ['control plane', controlPlaneFamilies],
  ['CONFIG GET on every node', evictionFamilies],
  ...nodeCollectors
    .filter(({ name }) => name !== 'info' && name !== 'cluster_info')
    .map(({ source, families }) => [source, families] as const),
]

/** All families with their full names in the default namespace. */
export const allFamilies: readonly CatalogueEntry[] = [
  ...[...infoSections, ...systemSections, clusterInfo].flatMap(({ section, fields }) =>
    Object.entries(fields).map(([field, { family }]) => ({
      ...family,
      name: fullName(family, 'redis'),
      source: section === clusterInfo.section ? `${section}: ${field}` : `INFO ${section}: ${field}`,
    })),
  ),
  ...groups.flatMap(([source, families]) =>
    families.map((family) => ({ ...family, name: fullName(family, 'redis'), source })),
  ),
].sort((a, b) => (a.name < b.name ? -1 : 1))
