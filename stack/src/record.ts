/**
 * Records real replies of every supported server into exporter/test/golden, the input of the golden tests:
 * `node stack/dist/record.js` after `npm run setup`; then `npx vitest run golden -u` renders them anew.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from './child.js'
import { freePorts } from './ports.js'
import { startCluster } from './redis-cluster.js'
import { startNode, type NodeOptions, type RedisNode } from './redis-node.js'
import { findServer, repoRoot } from './servers.js'
import { until } from './until.js'

const engines: Readonly<Record<string, NonNullable<NodeOptions['server']>>> = {
  'redis-7.0': 'redis-server',
  'redis-8': 'redis8-server',
  'valkey-9': 'valkey9-server',
}

/** The readings of a node (exporter/src/redis/readings.ts), each with its commands. */
const readings: Readonly<Record<string, readonly string[][]>> = {
  info: [['INFO', 'default', 'commandstats']],
  config: [
    [
      ...['CONFIG', 'GET', 'maxmemory', 'maxclients', 'io-threads', 'repl-backlog-size'],
      ...['client-output-buffer-limit', 'databases', 'commandlog-*'],
    ],
  ],
  slowlog: [
    ['SLOWLOG', 'LEN'],
    ['SLOWLOG', 'GET', '1'],
  ],
  latency: [['LATENCY', 'LATEST']],
  latencystats: [['INFO', 'commandstats', 'latencystats']],
  latency_histogram: [
    ['LATENCY', 'HISTOGRAM'],
    ['INFO', 'commandstats'],
  ],
  client_list: [['CLIENT', 'LIST']],
  modules: [['INFO', 'MODULES']],
}
const clusterReadings = { ...readings, cluster_info: [['CLUSTER', 'INFO']] }
/** What an earlier reply named stands behind a tilde. */
const sentinelReadings = {
  info: [['INFO', 'default']],
  sentinel: [['SENTINEL', 'MASTERS']],
  ...Object.fromEntries(
    ['CKQUORUM', 'SENTINELS', 'SLAVES'].map((what) => [
      `sentinel~${what}~orders`,
      [['SENTINEL', what, 'orders']],
    ]),
  ),
}
const valkeyReadings = {
  commandlog: ['slow', 'large-request', 'large-reply'].map((log) => ['COMMANDLOG', 'LEN', log]),
}

const slotStats = {
  slot_stats: [['CLUSTER', 'SLOT-STATS', 'ORDERBY', 'KEY-COUNT', 'LIMIT', '3', 'DESC']],
}

/** What the PING behind a command is answered with: a Sentinel of Redis 7.0 knows no QUIT. */
const LAST = '+PONG\r\n'

/** Events for the slow log and the latency monitor. */
const config = {
  'slowlog-log-slower-than': '4000',
  'latency-monitor-threshold': '1',
  'enable-debug-command': 'yes',
}

for (const [engine, server] of Object.entries(engines)) {
  const dir = mkdtempSync(join(tmpdir(), 'slotwise-record-'))
  try {
    await recordCluster(engine, server, dir)
    await recordStandalone(engine, server, dir)
    await recordSentinel(engine, server, dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function recordCluster(
  engine: string,
  server: NonNullable<NodeOptions['server']>,
  dir: string,
): Promise<void> {
  const cluster = await startCluster({ ports: await freePorts(6, { bus: true }), dir, server, config })
  try {
    const primary = cluster.nodes[0]!
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await primary.cli('-c', 'SET', key, 'value')
    await primary.cli('-c', 'SET', 'expiring', 'value', 'EX', '10000')
    await primary.cli('-c', 'GET', 'a')
    await primary.cli('LPUSH', 'a', 'x').catch(() => undefined) // MOVED or WRONGTYPE, for errorstats
    await primary.cli('CONFIG', 'SET', 'nonsense', '1').catch(() => undefined)
    await primary.cli('DEBUG', 'SLEEP', '0.005')
    await save(engine, 'primary', primary, clusterReadings)
    await save(engine, 'replica', cluster.nodes[3]!, clusterReadings)
  } finally {
    await cluster.stop()
  }
}

async function recordStandalone(
  engine: string,
  server: NonNullable<NodeOptions['server']>,
  dir: string,
): Promise<void> {
  const [port] = await freePorts(1)
  const node = await startNode({ port: port!, dir, server, config })
  try {
    await node.cli('SET', 'key', 'value', 'EX', '10000')
    await node.cli('-n', '3', 'HSET', 'hash', 'field', 'value')
    await save(engine, 'standalone', node, readings)
  } finally {
    await node.stop()
  }
}

/** Two Sentinels over a primary with a replica; the first is recorded when it knows the others. */
async function recordSentinel(
  engine: string,
  server: NonNullable<NodeOptions['server']>,
  dir: string,
): Promise<void> {
  const [primaryPort, replicaPort, ...sentinelPorts] = await freePorts(4)
  const primary = await startNode({ port: primaryPort!, dir, server, config })
  const replicaof = { ...config, replicaof: `127.0.0.1 ${primaryPort}` }
  const replica = await startNode({ port: replicaPort!, dir, server, config: replicaof })
  const stops = [replica, primary].map((node) => () => node.stop())
  try {
    for (const port of sentinelPorts) {
      const file = join(dir, `sentinel-${port}.conf`)
      writeFileSync(file, `port ${port}\nsentinel monitor orders 127.0.0.1 ${primaryPort} 2\n`)
      const child = startChild({ name: 'sentinel', command: findServer(server), args: [file, '--sentinel'] })
      stops.unshift(() => child.stop())
    }
    const port = sentinelPorts[0]!
    await until(
      async () => /status=ok,.*slaves=1,sentinels=2/.test(await rawReply(port, ['INFO', 'sentinel'])),
      { timeoutMs: 60_000, what: 'the Sentinel to know the replica and the other Sentinel' },
    )
    await save(engine, 'sentinel', { port }, sentinelReadings)
  } finally {
    for (const stop of stops) await stop()
  }
}

async function save(
  engine: string,
  role: string,
  node: Pick<RedisNode, 'port'>,
  commands: Readonly<Record<string, readonly string[][]>>,
): Promise<void> {
  const target = join(repoRoot, 'exporter/test/golden', engine, role)
  mkdirSync(target, { recursive: true })
  const isValkey = engine.startsWith('valkey') && role !== 'sentinel'
  const all = {
    ...commands,
    ...(isValkey && valkeyReadings),
    ...(isValkey && role === 'primary' && slotStats),
  }
  for (const [reading, parts] of Object.entries(all)) {
    const replies = await Promise.all(parts.map((command) => rawReply(node.port, command)))
    writeFileSync(join(target, `${reading}.resp`), replies.map(withoutPaths).join(''), 'latin1')
  }
}

/** The bytes of a command's reply, one character a byte. */
function rawReply(port: number, command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    let reply = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      reply += chunk
      if (!reply.endsWith(LAST)) return
      socket.destroy()
      resolve(reply.slice(0, -LAST.length))
    })
    socket.on('error', reject)
    socket.write(`${encode(command)}${encode(['PING'])}`)
  })
}

function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

/** Paths of this machine are nobody's business. They are in INFO only, a bulk string that is then shorter. */
function withoutPaths(reply: string): string {
  const text = /^\$\d+\r\n(# Server.*)\r\n$/s.exec(reply)?.[1]
  if (text === undefined) return reply
  const clean = text.replace(/^(executable|config_file):[^\r\n]*/gm, '$1:')
  return `$${clean.length}\r\n${clean}\r\n`
}
