import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../stack/src/ports.js'
import { startNode, type NodeOptions, type RedisNode } from '../../stack/src/redis-node.js'
import { repoRoot } from '../../stack/src/servers.js'
import { toRow, type EventRow, type Head } from '../src/events/chain.js'
import type { EventLog } from '../src/events/log.js'
import { openStreamsLog, type StreamsLogOptions } from '../src/events/stores/redis-streams.js'
import {
  HEADS,
  headText,
  indexKeys,
  LOG,
  META,
  SNAPSHOTS,
  STATES,
  streamKey,
  toEvent,
  toFields,
  type Entry,
} from '../src/events/stores/redis-streams-keys.js'
import { cutOf, TRIMMED_TYPE } from '../src/events/trim.js'
import { CommandLink } from '../src/redis/command-link.js'
import { parseEndpoint } from '../src/redis/endpoint.js'
import type { LogUnderTest } from './event-log/under-test.js'

/** What a server needs to keep a log. */
export const DURABLE = { appendonly: 'yes', appendfsync: 'always' }

/** The servers on which a log is tried. */
export const STREAMS_ENGINES: [name: string, server: NonNullable<NodeOptions['server']>][] = [
  ['Redis 7.0', 'redis-server'],
  ['Redis 8', 'redis8-server'],
  ['Valkey 9', 'valkey9-server'],
]

/** A server for logs, with a folder of its own. */
export interface StreamsServerUnderTest {
  readonly node: RedisNode
  /** Another server in the same folder. */
  start(options?: Partial<NodeOptions>): Promise<RedisNode>
  remove(): Promise<void>
}

export async function startStreamsServer(
  options: Partial<NodeOptions> = {},
): Promise<StreamsServerUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-streams-'))
  const nodes: RedisNode[] = []
  const start = async (more: Partial<NodeOptions> = {}) => {
    const [port] = await freePorts(1, { bus: true })
    const merged = { port: port!, dir, ...options, ...more }
    const node = await startNode({ ...merged, config: { ...DURABLE, ...options.config, ...more.config } })
    nodes.push(node)
    return node
  }
  return {
    node: await start(),
    start,
    async remove() {
      for (const node of nodes) {
        if (node.child.exit === undefined) await node.stop('SIGKILL')
      }
      rmSync(dir, { recursive: true })
    },
  }
}

export const optionsFor = (node: Pick<RedisNode, 'address'>): StreamsLogOptions => ({
  endpoint: parseEndpoint(node.address),
  source: 'slotwise/test',
})

const RULES = /^# the server of the event log\nACL SETUSER slotwise-log (.*)$/m

/** Makes the user of docs/security.md, whose password is PASSWORD; what it is refused from now on is in ACL LOG. */
export async function makeDocumentedUser(node: RedisNode): Promise<void> {
  const [, rules] = RULES.exec(readFileSync(join(repoRoot, 'docs/security.md'), 'utf8'))!
  await node.cli('ACL', 'SETUSER', 'slotwise-log', ...rules!.split(' '))
  await node.cli('ACL', 'LOG', 'RESET')
}

/** A new log on a server that forgets what it had. */
export async function newStreamsLog(node: RedisNode): Promise<LogUnderTest> {
  await node.cli('FLUSHALL')
  const first = await openStreamsLog(optionsFor(node))
  let log: EventLog = first
  return {
    log: first,
    async reopen(change, states = {}) {
      await log.close()
      if (change) await rewrite(node, change)
      for (const [fold, state] of Object.entries(states))
        if (state !== undefined) await node.cli('HSET', STATES, fold, JSON.stringify(state))
        else for (const key of [STATES, SNAPSHOTS]) await node.cli('HDEL', key, fold)
      log = await openStreamsLog(optionsFor(node))
      return log
    },
    remove: () => log.close(),
  }
}

const FIELDS = ['stream', 'type', 'hash', 'event']

/** What somebody does who may write to the server, and knows the keys. */
async function rewrite(node: RedisNode, change: (rows: EventRow[]) => EventRow[]): Promise<void> {
  const link = new CommandLink(parseEndpoint(node.address), { clientName: 'test', timeoutMs: 10_000 })
  await link.connect()
  const entries = (await link.call('XRANGE', LOG, '-', '+')) as Entry[]
  const rows = entries.map((entry) => toRow(toEvent(entry)))
  await link.call('DEL', LOG, HEADS, ...new Set(rows.flatMap(indexKeys)))
  const changed = change(rows)
  const cut = changed.findLast(({ type }) => type === TRIMMED_TYPE)
  const heads = new Map<string, Head>(cut && cutOf(cut.data)?.heads)
  for (const row of changed) {
    const fields = toFields(row).flatMap((value, i) => [FIELDS[i]!, value])
    await link.call('XADD', LOG, `${row.position}-0`, ...fields)
    for (const key of indexKeys(row)) {
      const id = key === streamKey(row.stream) ? row.version : 0
      await link.call('XADD', key, `${row.position}-${id}`, '', '')
    }
    heads.set(row.stream, row)
  }
  for (const [stream, head] of heads) await link.call('HSET', HEADS, stream, headText(head))
  await link.call('HSET', META, 'last', changed.at(-1)?.position ?? '0')
  link.close()
}
