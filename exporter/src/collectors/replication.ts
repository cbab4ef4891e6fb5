import type { Samples } from '../exposition/families.js'
import type { InfoFields } from '../redis/replies.js'
import { family, gauge, infoSection, numberOf } from './table.js'

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
  replicaOffset,
  replicaLag,
]

/** Families that carry the primary's address, and the INFO field behind each. */
const OF_MASTER = [
  [linkUp, 'master_link_status'],
  [lastIo, 'master_last_io_seconds_ago'],
  [syncing, 'master_sync_in_progress'],
  [slaveOffset, 'slave_repl_offset'],
] as const

export function collectReplication(info: InfoFields, samples: Samples): void {
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

/** The `slaveN` lines. A replica that came back may be there twice for a moment: the last one counts. */
export function collectReplicas(info: InfoFields, samples: Samples): void {
  const lines = [...info].flatMap(([key, value]) => (/^slave\d+$/.test(key) ? [value] : []))
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
