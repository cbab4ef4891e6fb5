import type { Samples } from '../exposition/families.js'
import type { InfoFields } from '../redis/replies.js'
import { counter, family, gauge, infoSection, numberOf } from './table.js'

/** INFO server, and what of other sections describes the process rather than its work. */
export const server = infoSection('server', {
  uptime_in_seconds: gauge('uptime_in_seconds', 'Seconds since the server started.'),
  process_id: gauge('process_id', 'Process id of the server.'),
  hz: gauge('hz', 'Current frequency of the background tasks.'),
  configured_hz: gauge('configured_hz', 'Configured frequency of the background tasks.'),
  clients_hz: gauge('clients_hz', 'Frequency of the background tasks for clients (Valkey).'),
  io_threads_active: gauge('io_threads_active', '1 while I/O threads are active.'),
  server_threads: gauge('server_threads_total', 'Threads that serve clients (KeyDB).'),
  long_lock_waits: gauge('long_lock_waits_total', 'Long waits for a lock (KeyDB).'),
  current_client_thread: gauge('current_client_thread', 'Thread of the client that asked (KeyDB).'),
  cluster_enabled: gauge('cluster_enabled', '1 when the server runs in cluster mode.'),
  storage_provider_read_hits: counter(
    'storage_provider_read_hits',
    'Reads that the storage provider answered (KeyDB).',
  ),
  storage_provider_read_misses: counter(
    'storage_provider_read_misses',
    'Reads that the storage provider missed (KeyDB).',
  ),
})

const instanceInfo = family('gauge', 'instance_info', 'What the server says of itself; always 1.')
const startTime = family(
  'gauge',
  'start_time_seconds',
  'When the server started, in seconds since the epoch.',
)

/** Families that join several fields. */
export const serverFamilies = [instanceInfo, startTime]

/** Labels of instance_info: its name, then the INFO field. Valkey says server_mode where Redis says redis_mode. */
const INSTANCE_LABELS: readonly (readonly [label: string, ...fields: string[]])[] = [
  ['role', 'role'],
  ['redis_version', 'redis_version'],
  ['redis_build_id', 'redis_build_id'],
  ['redis_mode', 'redis_mode', 'server_mode'],
  ['os', 'os'],
  ['maxmemory_policy', 'maxmemory_policy'],
  ['tcp_port', 'tcp_port'],
  ['run_id', 'run_id'],
  ['process_id', 'process_id'],
  ['master_replid', 'master_replid'],
]

/** Labels that are there only where the server has something to say. */
const VALKEY_LABELS = ['valkey_version', 'valkey_release_stage', 'availability_zone']

export function collectInstance(info: InfoFields, samples: Samples): void {
  const labels = INSTANCE_LABELS.map(
    ([label, ...fields]) =>
      [label, fields.map((field) => info.get(field)).find((value) => value !== undefined) ?? ''] as const,
  )
  const valkey = VALKEY_LABELS.flatMap((field) =>
    info.get(field) ? [[field, info.get(field)!] as const] : [],
  )
  samples.add(instanceInfo, 1, [...labels, ...valkey])
}

/** @param now when INFO was read; seconds since the epoch */
export function collectStartTime(info: InfoFields, samples: Samples, now: number): void {
  const uptime = numberOf(info.get('uptime_in_seconds'))
  if (uptime !== undefined) samples.add(startTime, Math.floor(serverClock(info) ?? now) - uptime)
}

/** The server's own clock in seconds (Redis 7 and later): it ticks with the uptime, so that the difference stands still. */
function serverClock(info: InfoFields): number | undefined {
  const usec = numberOf(info.get('server_time_usec'))
  return usec === undefined ? undefined : usec / 1e6
}
