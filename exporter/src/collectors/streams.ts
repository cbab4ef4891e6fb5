import type { Family, Labels, Samples } from '../exposition/families.js'
import type { Fields, NodeReading, StreamFact } from '../redis/replies.js'
import { factsOf, family, type Collector } from './table.js'

/** XINFO STREAM, GROUPS and CONSUMERS: field -> family. Ids are told by the milliseconds in front of their dash. */
const gaugeOf = (name: string, help: string): Family => family('gauge', `stream_${name}`, help)

const STREAM: Readonly<Record<string, Family>> = {
  length: gaugeOf('length', 'Entries of a stream.'),
  'radix-tree-keys': gaugeOf('radix_tree_keys', 'Keys of the radix tree of a stream.'),
  'radix-tree-nodes': gaugeOf('radix_tree_nodes', 'Nodes of the radix tree of a stream.'),
  'last-generated-id': gaugeOf('last_generated_id', 'Milliseconds of the last id given out.'),
  groups: gaugeOf('groups', 'Groups of a stream.'),
  'max-deleted-entry-id': gaugeOf('max_deleted_entry_id', 'Milliseconds of the last entry that was deleted.'),
  'first-entry': gaugeOf('first_entry_id', 'Milliseconds of the first entry.'),
  'last-entry': gaugeOf('last_entry_id', 'Milliseconds of the last entry.'),
  'entries-added': family('counter', 'stream_entries_added_total', 'Entries ever added to a stream.'),
}

const GROUP: Readonly<Record<string, Family>> = {
  consumers: gaugeOf('group_consumers', 'Consumers of a group.'),
  pending: gaugeOf('group_messages_pending', 'Entries delivered to a group and not yet acknowledged.'),
  'last-delivered-id': gaugeOf(
    'group_last_delivered_id',
    'Milliseconds of the last entry delivered to a group.',
  ),
  'entries-read': gaugeOf('group_entries_read', 'Entries that a group has read.'),
  lag: gaugeOf(
    'group_lag',
    'Entries that a group has still to read; not there while the server does not know.',
  ),
}

/** Fields that older servers do not have, or not yet; 0 then, as in redis_exporter. A lag that nobody knows is none. */
const ZERO_WITHOUT: ReadonlySet<string> = new Set(
  Object.keys({ ...STREAM, ...GROUP }).filter((name) => name !== 'lag'),
)

const pending = gaugeOf(
  'group_consumer_messages_pending',
  'Entries that a consumer has still to acknowledge.',
)
const idle = gaugeOf('group_consumer_idle_seconds', 'Seconds since a consumer was last heard of.')

export const streams: Collector = {
  name: 'streams',
  source: 'XINFO STREAM, GROUPS and CONSUMERS',
  readings: ['streams'],
  families: [...Object.values(STREAM), ...Object.values(GROUP), pending, idle],
  collect: collectStreams,
}

function collectStreams(reading: NodeReading, samples: Samples): void {
  const seen = new Set<string>()
  for (const { db, stream, info, groups } of factsOf(reading, 'streams') as StreamFact[]) {
    if (seen.has(`${db} ${stream}`)) continue
    seen.add(`${db} ${stream}`)
    const labels: Labels = [
      ['db', `db${db}`],
      ['stream', stream],
    ]
    collectFields(STREAM, info, labels, samples)
    for (const group of groups) {
      const ofGroup: Labels = [...labels, ['group', String(group.info.name ?? '')]]
      collectFields(GROUP, group.info, ofGroup, samples)
      for (const consumer of group.consumers) {
        const ofConsumer: Labels = [...ofGroup, ['consumer', String(consumer.name ?? '')]]
        samples.add(pending, numberIn(consumer.pending) ?? 0, ofConsumer)
        samples.add(idle, (numberIn(consumer.idle) ?? 0) / 1000, ofConsumer)
      }
    }
  }
}

function collectFields(
  families: Readonly<Record<string, Family>>,
  fields: Fields,
  labels: Labels,
  samples: Samples,
): void {
  for (const [field, family] of Object.entries(families)) {
    const value = numberIn(fields[field]) ?? (ZERO_WITHOUT.has(field) ? 0 : undefined)
    if (value !== undefined) samples.add(family, value, labels)
  }
}

/** `1526919030474-55` is 1526919030474. */
function numberIn(value: string | number | undefined): number | undefined {
  if (typeof value !== 'string') return value
  const digits = /^\d+/.exec(value)?.[0]
  return digits === undefined ? undefined : Number(digits)
}
