import type { Family, Samples } from '../exposition/families.js'
import { pairsOf, type NodeReading } from '../redis/replies.js'
import { family, numberOf, repliesOf, type Collector, type CollectOptions } from './table.js'

const keys = family('gauge', 'db_keys', 'Keys in a database.')
const expiring = family('gauge', 'db_keys_expiring', 'Keys with a time to live in a database.')
const averageTtl = family('gauge', 'db_avg_ttl_seconds', 'Average time to live of the keys that have one.')
const cached = family('gauge', 'db_keys_cached', 'Cached keys of a database (KeyDB).')
const withExpiringItems = family(
  'gauge',
  'db_keys_with_expiring_items',
  'Keys whose fields or items have a time to live.',
)

/** What a server has unless configured otherwise; taken where it does not say, as redis_exporter does. */
const USUAL_DATABASES = 16

/** Whoever has configured more keeps no series for the empty ones beyond. */
const MOST_DATABASES = 1024

/** INFO leaves out empty databases; they are 0, so that a database that was emptied does not keep its last value. */
export const keyspace: Collector = {
  name: 'keyspace',
  source: 'INFO keyspace',
  readings: ['info', 'config'],
  families: [keys, expiring, averageTtl, cached, withExpiringItems],
  lines: { reading: 'info', collect: collectDatabase },
  collect: collectEmptyDatabases,
}

/** By name: redis_exporter 1.86 takes whatever comes fourth for cached_keys, which on Redis 7.4 is subexpiry. */
const FIELDS = new Map<string, readonly [Family, number]>(
  Object.entries({
    keys: [keys, 1],
    expires: [expiring, 1],
    avg_ttl: [averageTtl, 1000],
    cached_keys: [cached, 1],
    subexpiry: [withExpiringItems, 1],
    keys_with_volatile_items: [withExpiringItems, 1],
  }),
)

/** `db0:keys=4,expires=0,avg_ttl=0`. */
function collectDatabase(key: string, value: string, samples: Samples): void {
  if (!/^db\d+$/.test(key)) return
  const labels = [['db', key]] as const
  const pairs = value.split(',').map((pair) => pair.split('='))
  for (const [field, text] of new Map(pairs.map(([field, text]) => [field!, text]))) {
    const rule = FIELDS.get(field)
    const number = numberOf(text)
    if (rule && number !== undefined) samples.add(rule[0], number / rule[1], labels)
  }
}

function collectEmptyDatabases(
  reading: NodeReading,
  samples: Samples,
  { emptyDatabases }: CollectOptions,
): void {
  if (emptyDatabases === false) return
  const databases = databasesOf(reading)
  for (let index = 0; index < databases; index++) {
    if (reading.info!.has(`db${index}`)) continue
    samples.add(keys, 0, [['db', `db${index}`]])
    samples.add(expiring, 0, [['db', `db${index}`]])
  }
}

/** In cluster mode there is one. */
function databasesOf(reading: NodeReading): number {
  if (reading.info?.get('cluster_enabled') === '1') return 1
  const configured = Number(pairsOf(repliesOf(reading, 'config')[0]).get('databases'))
  return Number.isInteger(configured) && configured > 0
    ? Math.min(configured, MOST_DATABASES)
    : USUAL_DATABASES
}
