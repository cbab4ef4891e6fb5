/** Every family there is, for the documentation and the checks of whoever uses the names. */
import { fullName, type FamilyType } from '../exposition/families.js'
import { clients } from './clients.js'
import { clusterInfo } from './cluster-info.js'
import { clusterFamilies } from './cluster-topology.js'
import { commandstatsFamilies } from './commandstats.js'
import { controlPlaneFamilies } from './control-plane.js'
import { cpu, cpuFamilies } from './cpu.js'
import { errorstatsFamilies } from './errorstats.js'
import { exporterFamilies } from './exporter.js'
import { keyspaceFamilies } from './keyspace.js'
import { memory, systemMemory } from './memory.js'
import { persistence } from './persistence.js'
import { replication, replicationFamilies } from './replication.js'
import { selfFamilies } from './self.js'
import { server, serverFamilies } from './server.js'
import { stats } from './stats.js'

/** Sections of INFO that are tables. */
export const infoSections = [server, clients, memory, persistence, stats, replication, cpu]

/** With --include-system-metrics. */
export const systemSections = [systemMemory]

export interface CatalogueEntry {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  /** Where the value comes from. */
  readonly source: string
}

const groups = [
  ['exporter', [...selfFamilies, ...exporterFamilies]],
  ['CLUSTER NODES', clusterFamilies],
  ['control plane', controlPlaneFamilies],
  ['INFO server', serverFamilies],
  ['INFO replication', replicationFamilies],
  ['INFO cpu', cpuFamilies],
  ['INFO commandstats', commandstatsFamilies],
  ['INFO errorstats', errorstatsFamilies],
  ['INFO keyspace', keyspaceFamilies],
] as const

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
