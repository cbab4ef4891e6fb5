import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import Database from 'libsql'
import type { NewEvent } from '../../dist/contract/events.js'
import type { EventLog } from '../../dist/events/log.js'
import { openStreamsLog } from '../../dist/events/stores/redis-streams.js'
import { openSqliteLog } from '../../dist/events/stores/sqlite.js'
import { OperationStore } from '../../dist/operations/store.js'
import { freePorts } from '../../../stack/dist/ports.js'
import { startNode } from '../../../stack/dist/redis-node.js'
import { Measurements } from './measure.js'
import type { BenchOptions, Report, Row, Suite } from './suite.js'

const [SQLITE, LIBSQL, STREAMS, XADD] = ['slotwise, SQLite', 'libsql', 'slotwise, Streams', 'XADD']
const PEERS = [
  [SQLITE, LIBSQL],
  [STREAMS, XADD],
] as const
/** What appends have to reach of what the store alone does. */
const TARGET = 0.5
const [FOLD_SECONDS, START_SECONDS] = [5, 1]

/**
 * Appends of so many events each, so many at a time: long enough that the numbers of two runs are alike. A first round of
 * the same length warms every program up.
 */
const LOADS = [
  { what: '1 event an append, one after the other', events: 1, appends: 1000, atOnce: 1 },
  { what: '1 event an append, 64 at once', events: 1, appends: 8000, atOnce: 64 },
  { what: '100 events an append, one after the other', events: 100, appends: 200, atOnce: 1 },
] as const

type Load = Readonly<Record<'events' | 'appends' | 'atOnce', number>>

const event: NewEvent = {
  type: 'cluster.failover',
  data: { shard: 'a'.repeat(40), from: '10.0.0.1:6379', to: '10.0.0.2:6379' },
}
/** About what is stored of it. */
const TEXT = JSON.stringify(event) + 'x'.repeat(400)

/** Something that stores events durably: so many in one go. */
interface Store {
  append(events: number): Promise<unknown>
  close(): Promise<unknown>
}

export const eventsSuite: Suite = {
  name: 'events',
  description: 'durable appends to the event log beside libsql and XADD alone, and how fast a start reads it',
  async *run(options) {
    yield await appends(options)
    yield await starts(options)
  },
}

async function appends(options: BenchOptions): Promise<Report> {
  const { rounds, dir, say, events } = options
  // Who asks for a log of few events wants a short look.
  const loads = LOADS.map((load) => ({ ...load, appends: Math.min(load.appends, Math.ceil(events / 4)) }))
  const stores = await openStores(dir)
  let measured = new Measurements()
  try {
    for (let round = 0; round <= rounds; round++) {
      if (round === 1) measured = new Measurements()
      say(round === 0 ? 'first round, not counted' : `round ${round} of ${rounds}`)
      for (const load of loads)
        for (const [name, store] of inTurn(Object.entries(stores), round))
          measured.add(`${load.what} ${name}`, (load.events * load.appends) / (await secondsOf(store, load)))
    }
  } finally {
    for (const store of Object.values(stores)) await store.close()
  }
  return {
    title: `Durable appends; medians of ${rounds} rounds, in turn`,
    programs: Object.keys(stores),
    rows: LOADS.flatMap(({ what }) => [
      {
        what: `events a second: ${what}`,
        values: Object.fromEntries(
          Object.keys(stores).map((name) => [
            name,
            Math.round(measured.median(`${what} ${name}`)!).toLocaleString('en-US'),
          ]),
        ),
      },
      ...PEERS.map(([ours, peer]): Row => {
        const ratio = measured.ratio(`${what} ${ours}`, `${what} ${peer}`)!
        return {
          what: `${ours} / ${peer}`,
          values: {},
          target: `${TARGET} x`,
          reached: `${ratio.toFixed(2)} x`,
          met: ratio >= TARGET,
        }
      }),
    ]),
  }
}

/** What one leaves behind (dirty pages, garbage) is not always left to the same. */
const inTurn = <T>(all: readonly T[], round: number): T[] => {
  const from = round % all.length
  return [...all.slice(from), ...all.slice(0, from)]
}

async function secondsOf(store: Store, { events, appends, atOnce }: Load): Promise<number> {
  const from = performance.now()
  let left: number = appends
  const writers = Array.from({ length: atOnce }, async () => {
    while (left-- > 0) await store.append(events)
  })
  await Promise.all(writers)
  return (performance.now() - from) / 1000
}

async function openStores(dir: string): Promise<Record<string, Store>> {
  const redisDir = join(dir, 'redis')
  mkdirSync(redisDir)
  const [port] = await freePorts(1)
  // A rewrite of its file would take a processor and the disk from whatever is measured at the time.
  const config = { appendonly: 'yes', appendfsync: 'always', 'auto-aof-rewrite-percentage': '0' }
  const node = await startNode({ port: port!, dir: redisDir, config })
  const redis = new Redis(port!)
  const streams = await openStreamsLog({
    endpoint: { host: '127.0.0.1', port: port!, tls: false },
    source: 'slotwise/bench',
  })
  return {
    [SQLITE]: logStore(await openSqliteLog({ path: join(dir, 'slotwise.db'), source: 'slotwise/bench' })),
    [LIBSQL]: libsqlStore(join(dir, 'libsql.db')),
    [STREAMS]: logStore(streams),
    [XADD]: {
      append(events) {
        const batch = redis.pipeline()
        for (let n = 0; n < events; n++) batch.xadd('peer', '*', 'event', TEXT)
        return batch.exec()
      },
      async close() {
        redis.disconnect()
        await node.stop()
      },
    },
  }
}

function logStore(log: EventLog): Store {
  let streams = 0
  return {
    append: (events) =>
      log.append([
        { stream: `cluster/${streams++ % 100}`, events: Array.from({ length: events }, () => event) },
      ]),
    close: () => log.close(),
  }
}

/** One transaction an append, as durable as ours. */
function libsqlStore(path: string): Store {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('CREATE TABLE events (position INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT')
  const insert = db.prepare('INSERT INTO events (event) VALUES (?)')
  return {
    append(events) {
      db.exec('BEGIN IMMEDIATE')
      for (let n = 0; n < events; n++) insert.run(TEXT)
      db.exec('COMMIT')
      return Promise.resolve()
    },
    close() {
      db.close()
      return Promise.resolve()
    },
  }
}

/** How long a start takes until it knows all operations, without a snapshot and with one. */
async function starts({ dir, events, rounds, say }: BenchOptions): Promise<Report> {
  const path = join(dir, 'many.db')
  say(`making a log of ${events} events`)
  const program = fileURLToPath(new URL('make-log.js', import.meta.url))
  await promisify(execFile)(process.execPath, [program, path, String(events)])
  const measured = new Measurements()
  for (let round = 1; round <= rounds; round++) {
    for (const [name, seen] of Object.entries({ fold: withoutSnapshots, start: (log: EventLog) => log })) {
      const { seconds, cpu } = await opening(path, seen)
      measured.add(name, seconds)
      measured.add(`${name} CPU`, cpu)
    }
    say(`round ${round} of ${rounds}`)
  }
  rmSync(path)
  const row = (what: string, name: string, target: number): Row => ({
    what,
    values: { 'CPU, all threads': `${measured.median(`${name} CPU`)!.toFixed(2)} s` },
    target: `${target} s`,
    reached: `${measured.median(name)!.toFixed(2)} s`,
    met: measured.median(name)! <= target,
  })
  return {
    title: `A start with ${events.toLocaleString('en-US')} events in the SQLite log; medians of ${rounds} rounds`,
    programs: ['CPU, all threads'],
    rows: [
      row('all operations from the events alone', 'fold', FOLD_SECONDS),
      row('all operations from a snapshot', 'start', START_SECONDS),
    ],
  }
}

/** Opens file and operations; leaves a snapshot. */
async function opening(
  path: string,
  seen: (log: EventLog) => EventLog,
): Promise<{ seconds: number; cpu: number }> {
  const [from, used] = [performance.now(), process.cpuUsage()]
  const log = await openSqliteLog({ path, source: 'slotwise/bench' })
  const store = await OperationStore.open({
    log: seen(log),
    now: () => new Date(),
    retryMs: 1000,
    retentionMs: 1e12,
    onError: (error) => {
      throw error
    },
  })
  const seconds = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(used)
  await store.close()
  await log.close()
  return { seconds, cpu: (user + system) / 1e6 }
}

/** The same log, as it is before the first snapshot. */
function withoutSnapshots(log: EventLog): EventLog {
  return new Proxy(log, {
    get(target, name) {
      if (name === 'loadSnapshot') return () => Promise.resolve(undefined)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
