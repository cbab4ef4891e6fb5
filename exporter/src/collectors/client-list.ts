import type { Family, Labels, Samples } from '../exposition/families.js'
import type { NodeReading } from '../redis/replies.js'
import { family, numberOf, repliesOf, type Collector, type CollectOptions } from './table.js'

/** CLIENT LIST: a line a client, `id=7 addr=127.0.0.1:4711 name= age=3 idle=0 flags=N db=0 … user=default resp=2`. */
const info = family('gauge', 'connected_client_info', 'A connected client; always 1.')

/** Field of the line -> family. A family is there where the server has the field. */
const FIELDS: Readonly<Record<string, Family>> = {
  omem: family(
    'gauge',
    'connected_client_output_buffer_memory_usage_bytes',
    'Bytes of the output buffer of a client.',
  ),
  'tot-mem': family(
    'gauge',
    'connected_client_total_memory_consumed_bytes',
    'Bytes that a client takes in its buffers.',
  ),
  sub: family(
    'gauge',
    'connected_client_channel_subscriptions_count',
    'Channels that a client subscribes to.',
  ),
  psub: family(
    'gauge',
    'connected_client_pattern_matching_subscriptions_count',
    'Patterns that a client subscribes to.',
  ),
  ssub: family(
    'gauge',
    'connected_client_shard_channel_subscriptions_count',
    'Shard channels that a client subscribes to.',
  ),
  watch: family('gauge', 'connected_client_shard_channel_watched_keys', 'Keys that a client watches.'),
  qbuf: family(
    'gauge',
    'connected_client_query_buffer_length_bytes',
    'Bytes in the query buffer of a client; 0 when nothing waits.',
  ),
  'qbuf-free': family(
    'gauge',
    'connected_client_query_buffer_free_space_bytes',
    'Free bytes in the query buffer of a client; 0 when it is full.',
  ),
  obl: family(
    'gauge',
    'connected_client_output_buffer_length_bytes',
    'Bytes in the output buffer of a client.',
  ),
  oll: family('gauge', 'connected_client_output_list_length', 'Replies that wait for a client.'),
}

/** Fields that are 0 where an older server does not have them, as in redis_exporter. */
const ZERO_WITHOUT: ReadonlySet<string> = new Set(['tot-mem'])

/** Fields that say how long ago something was, and the family of when it was. */
const SINCE: Readonly<Record<string, Family>> = {
  age: family(
    'gauge',
    'connected_client_created_at_timestamp',
    'When a client connected, in seconds since the epoch.',
  ),
  idle: family(
    'gauge',
    'connected_client_idle_since_timestamp',
    'When a client was last active, in seconds since the epoch.',
  ),
}

export const clientList: Collector = {
  name: 'client_list',
  source: 'CLIENT LIST',
  readings: ['client_list'],
  families: [info, ...Object.values(FIELDS), ...Object.values(SINCE)],
  collect: collectClients,
}

function collectClients(reading: NodeReading, samples: Samples, options: CollectOptions): void {
  const [reply] = repliesOf(reading, 'client_list')
  if (typeof reply !== 'string') return
  const seen = new Set<string>()
  for (const line of reply.split('\n')) {
    const fields = fieldsOf(line)
    const id = fields.get('id')
    if (id === undefined || seen.has(id)) continue
    seen.add(id)
    collectClient(id, fields, samples, { ...options, now: Math.floor(reading.at) })
  }
}

function collectClient(
  id: string,
  fields: ReadonlyMap<string, string>,
  samples: Samples,
  { clientPort, now }: CollectOptions & { now: number },
): void {
  const address = /^(.*):([^:]*)$/.exec(fields.get('addr') ?? '')
  const client: Labels = [
    ['id', id],
    ['name', fields.get('name') ?? ''],
  ]
  const more = ['user', 'resp'].flatMap((label) => {
    const value = fields.get(label)
    return value ? [[label, value] as const] : []
  })
  samples.add(info, 1, [
    ...client,
    ['flags', fields.get('flags') ?? ''],
    ['db', fields.get('db') ?? ''],
    ['host', address?.[1] ?? ''],
    ...(clientPort ? ([['port', address?.[2] ?? '']] as const) : []),
    ...more,
  ])
  for (const [field, family] of Object.entries(FIELDS)) {
    const value = numberOf(fields.get(field)) ?? (ZERO_WITHOUT.has(field) ? 0 : undefined)
    if (value !== undefined && value >= 0) samples.add(family, value, client)
  }
  for (const [field, family] of Object.entries(SINCE)) {
    const seconds = numberOf(fields.get(field))
    if (seconds !== undefined) samples.add(family, now - seconds, client)
  }
}

/** A name has no space in it: the server refuses one. */
function fieldsOf(line: string): Map<string, string> {
  const pairs = line.split(' ').map((pair) => [pair, pair.indexOf('=')] as const)
  return new Map(pairs.map(([pair, at]) => [pair.slice(0, at), pair.slice(at + 1)] as const))
}
