import type { Samples } from '../exposition/families.js'
import type { InfoFields } from '../redis/replies.js'
import { family, gauge, infoSection, numbered, numberOf } from './table.js'

/** INFO replication. The wire says slave and master, and so do redis_exporter's names. */
export const replication = infoSection('replication', {
  connected_slaves: gauge('connected_slaves', 'Connected replicas.'),
  master_repl_offset: gauge('master_repl_offset', 'Replication offset of the node.'),
  second_repl_offset: gauge(
    'second_repl_offset',
    'Offset up to which the former replication id is accepted; -1 when none.',
  ),
  repl_backlog_active: gauge('repl_backlog_is_active', '1 when the replication backlog is there.'),
  repl_backlog_size: gauge('replication_backlog_bytes', 'Size of the replication backlog.'),
  repl_backlog_first_byte_offset: gauge(
    'repl_backlog_first_byte_offset',
    'Offset of the first byte in the backlog.',
  ),
  repl_backlog_histlen: gauge('repl_backlog_history_bytes', 'Bytes of history in the backlog.'),
  replicas_waiting_psync: gauge(
    'replicas_waiting_psync',
    'Replicas that wait to resynchronise after a full copy (Valkey).',
  ),
  replicas_repl_buffer_size: gauge(
    'replicas_repl_buffer_size_bytes',
    'Bytes that the replica buffers while it loads a full copy (Valkey).',
  ),
  replicas_repl_buffer_peak: gauge('replicas_repl_buffer_peak_bytes', 'Peak of the same (Valkey).'),
  replica_full_sync_buffer_size: gauge(
    'replica_full_sync_buffer_size_bytes',
    'Bytes that the replica buffers while it loads a full copy (Redis 8).',
  ),
  replica_full_sync_buffer_peak: gauge('replica_full_sync_buffer_peak_bytes', 'Peak of the same (Redis 8).'),
  min_slaves_good_slaves: gauge('min_slaves_good_slaves', 'Replicas that count for min-replicas-to-write.'),
  replica_announced: gauge('replica_announced', '1 when Sentinel may show the replica.'),
  slave_priority: gauge('slave_priority', 'Priority of the replica in a failover by Sentinel.'),
})

const slaveInfo = family('gauge', 'slave_info', 'The primary that a replica follows; always 1.')
const slaveOffset = family('gauge', 'slave_repl_offset', 'Replication offset that a replica has processed.')
const linkUp = family('gauge', 'master_link_up', '1 when the link of a replica to its primary is up.')
const lastIo = family(
  'gauge',
  'master_last_io_seconds_ago',
  'Seconds since a replica last heard of its primary; -1 while the link is down.',
)
const syncing = family(
  'gauge',
  'master_sync_in_progress',
  '1 while a replica receives a full copy of its primary.',
)
/** While the link is down, or a full copy is on its way. */
const readOffset = family(
  'gauge',
  'slave_read_repl_offset',
  'Replication offset that a replica has read, processed or not.',
)
const linkDown = family(
  'gauge',
  'master_link_down_since_seconds',
  'Seconds since the link of a replica to its primary is down.',
)
const syncTotal = family('gauge', 'master_sync_total_bytes', 'Bytes of the full copy; 0 while unknown.')
const syncRead = family('gauge', 'master_sync_read_bytes', 'Bytes of the full copy that have come.')
const syncLeft = family('gauge', 'master_sync_left_bytes', 'Bytes of the full copy that are still to come.')
const syncShare = family(
  'gauge',
  'master_sync_percentage',
  'Share of the full copy that has come, in percent.',
)
const syncLastIo = family(
  'gauge',
  'master_sync_last_io_seconds_ago',
  'Seconds since a part of the full copy last came.',
)
const failoverState = family(
  'gauge',
  'master_failover_state',
  'How far a FAILOVER of this primary is; always 1.',
)
const replicaOffset = family(
  'gauge',
  'connected_slave_offset_bytes',
  'Replication offset that a connected replica has confirmed.',
)
const replicaLag = family(
  'gauge',
  'connected_slave_lag_seconds',
  'Seconds since a connected replica last confirmed.',
)

export const replicationFamilies = [
  slaveInfo,
  slaveOffset,
  linkUp,
  lastIo,
  syncing,
  readOffset,
  linkDown,
  syncTotal,
  syncRead,
  syncLeft,
  syncShare,
  syncLastIo,
  failoverState,
  replicaOffset,
  replicaLag,
]

/** Families that carry the primary's address, and the INFO field behind each. */
const OF_MASTER = [
  [linkUp, 'master_link_status'],
  [lastIo, 'master_last_io_seconds_ago'],
  [syncing, 'master_sync_in_progress'],
  [slaveOffset, 'slave_repl_offset'],
  [readOffset, 'slave_read_repl_offset'],
  [linkDown, 'master_link_down_since_seconds'],
  [syncTotal, 'master_sync_total_bytes'],
  [syncRead, 'master_sync_read_bytes'],
  [syncLeft, 'master_sync_left_bytes'],
  [syncShare, 'master_sync_perc'],
  [syncLastIo, 'master_sync_last_io_seconds_ago'],
] as const

export function collectReplication(info: InfoFields, samples: Samples): void {
  const state = info.get('master_failover_state')
  if (state) samples.add(failoverState, 1, [['state', state]])
  if (info.get('role') !== 'slave') return
  const master = [
    ['master_host', info.get('master_host') ?? ''],
    ['master_port', info.get('master_port') ?? ''],
  ] as const
  samples.add(slaveInfo, 1, [...master, ['read_only', info.get('slave_read_only') ?? '']])
  for (const [family, field] of OF_MASTER) {
    const value = numberOf(info.get(field))
    if (value !== undefined) samples.add(family, value, master)
  }
}

/** The lines from `slave0` on. A replica that came back may be there twice for a moment: the last one counts. */
export function collectReplicas(info: InfoFields, samples: Samples): void {
  const lines = numbered(info, 'slave')
  for (const value of new Map(lines.map((line) => [/^(.*?)(?:,offset=|$)/.exec(line)![1], line])).values())
    collectReplica(value, samples)
}

/** `slave0:ip=…,port=…,state=online,offset=163,lag=0`. */
function collectReplica(value: string, samples: Samples): void {
  const fields = new Map(
    value.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
  const offset = numberOf(fields.get('offset'))
  const lag = numberOf(fields.get('lag'))
  const labels = [
    ['slave_ip', fields.get('ip') ?? ''],
    ['slave_port', fields.get('port') ?? ''],
    ['slave_state', fields.get('state') ?? ''],
  ] as const
  if (offset !== undefined) samples.add(replicaOffset, offset, labels)
  if (lag !== undefined) samples.add(replicaLag, lag, labels)
}
