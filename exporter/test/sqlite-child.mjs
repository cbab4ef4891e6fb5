/**
 * A process with a log, in a SQLite file of its own or in Redis Streams, for tests that kill it or take its disk away.
 * It does the calls that it is sent and answers each; `write` appends without end and tells of every append that was
 * answered.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { openStreamsLog } from '../dist/events/stores/redis-streams.js'
import { openSqliteLog } from '../dist/events/stores/sqlite.js'
import { parseEndpoint } from '../dist/redis/endpoint.js'

let log

const calls = {
  async open(path) {
    log = await openSqliteLog({ path, source: 'slotwise/child' })
  },
  async openStreams(address) {
    log = await openStreamsLog({ endpoint: parseEndpoint(address), source: 'slotwise/child' })
  },
  append: (appends) => log.append(appends),
  read: (options) => log.read(options),
  verify: (anchor) => log.verify(anchor),
  close: () => log.close(),
  saveSnapshot: (fold, format, snapshot) => log.saveSnapshot(fold, format, snapshot),
  trim: (before) => log.trim(before),
  /** Takes all that is left of the disk. */
  fill(path) {
    const chunk = Buffer.alloc(4096)
    try {
      for (;;) writeFileSync(path, chunk, { flag: 'a' })
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error
    }
  },
  free: (path) => rmSync(path),
  /** Writers that each append to a stream of their own and to one that they share, all or nothing. */
  write(writers) {
    for (let writer = 0; writer < writers; writer++) void write(`cluster/${writer}`)
  },
}

async function write(stream) {
  for (let version = (await log.readStream(stream)).length; ; version++) {
    const event = { type: 'cluster.failover', data: { shard: stream, from: 'x', to: 'y' } }
    const events = Array.from({ length: 1 + (version % 4) }, () => event)
    const shared = { type: 'freeze.changed', data: { on: true, reason: stream, by: { token: 't' } } }
    const appended = await log.append([
      { stream, expectedVersion: version, events },
      { stream: 'control', events: events.map(() => shared) },
    ])
    version += events.length - 1
    process.send({ appended })
  }
}

process.on('message', async ({ id, call, args }) => {
  try {
    process.send({ id, result: await calls[call](...args) })
  } catch (error) {
    process.send({ id, error: { name: error.name, message: error.message } })
  }
})
process.on('disconnect', () => process.exit())
