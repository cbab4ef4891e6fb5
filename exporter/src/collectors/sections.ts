/** Sections of INFO that are tables. */
import { clients } from './clients.js'
import { cpu } from './cpu.js'
import { memory, systemMemory } from './memory.js'
import { persistence } from './persistence.js'
import { replication } from './replication.js'
import { server } from './server.js'
import { stats } from './stats.js'

export const infoSections = [server, clients, memory, persistence, stats, replication, cpu]

/** With --include-system-metrics. */
export const systemSections = [systemMemory]
