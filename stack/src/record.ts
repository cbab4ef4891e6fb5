/**
 * Records real replies of every supported server into exporter/test/golden, the input of the golden tests:
 * `node stack/dist/record.js` after `npm run setup`; then `npx vitest run golden -u` renders them anew.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './ports.js'
import { startCluster } from './redis-cluster.js'
import { startNode, type NodeOptions, type RedisNode } from './redis-node.js'
import { repoRoot } from './servers.js'

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
}
const clusterReadings = { ...readings, cluster_info: [['CLUSTER', 'INFO']] }
const valkeyReadings = {
  commandlog: ['slow', 'large-request', 'large-reply'].map((log) => ['COMMANDLOG', 'LEN', log]),
}

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

async function save(
  engine: string,
  role: string,
  node: RedisNode,
  commands: Readonly<Record<string, readonly string[][]>>,
): Promise<void> {
  const target = join(repoRoot, 'exporter/test/golden', engine, role)
  mkdirSync(target, { recursive: true })
  const all = engine.startsWith('valkey') ? { ...commands, ...valkeyReadings } : commands
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
    socket.on('data', (chunk: string) => (reply += chunk))
    socket.on('error', reject)
    socket.on('end', () => resolve(reply.replace(/\+OK\r\n$/, '')))
    socket.write(`${encode(command)}${encode(['QUIT'])}`)
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
