/** Sections of INFO that are tables. */
import { clients } from './clients.js'
import { cpu } from './cpu.js'
import { memory, systemMemory } from './memory.js'
import { persistence } from './persistence.js'
import { replication } from './replication.js'
import { scriptingEngines } from './scripting-engines.js'
import { server } from './server.js'
import { stats } from './stats.js'
import { tls } from './tls.js'

export const infoSections = [
  server,
  clients,
  memory,
  persistence,
  stats,
  replication,
  cpu,
  tls,
  scriptingEngines,
]

/** With --include-system-metrics. */
export const systemSections = [systemMemory]
