/**
 * Records real replies of every supported server into exporter/test/golden, the input of the golden tests:
 * `node stack/dist/record.js` after `npm run setup`; then `npx vitest run golden -u` renders them anew.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

/** File name -> command. */
const clusterCommands = {
  'info.txt': ['INFO', 'default', 'commandstats'],
  'cluster-info.txt': ['CLUSTER', 'INFO'],
  'cluster-nodes.txt': ['CLUSTER', 'NODES'],
}
const standaloneCommands = { 'info.txt': clusterCommands['info.txt'] }

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
  const cluster = await startCluster({ ports: await freePorts(6, { bus: true }), dir, server })
  try {
    const primary = cluster.nodes[0]!
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await primary.cli('-c', 'SET', key, 'value')
    await primary.cli('-c', 'SET', 'expiring', 'value', 'EX', '10000')
    await primary.cli('-c', 'GET', 'a')
    await primary.cli('LPUSH', 'a', 'x').catch(() => undefined) // MOVED or WRONGTYPE, for errorstats
    await primary.cli('CONFIG', 'SET', 'nonsense', '1').catch(() => undefined)
    await save(engine, 'primary', primary, clusterCommands)
    await save(engine, 'replica', cluster.nodes[3]!, clusterCommands)
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
  const node = await startNode({ port: port!, dir, server })
  try {
    await node.cli('SET', 'key', 'value', 'EX', '10000')
    await node.cli('-n', '3', 'HSET', 'hash', 'field', 'value')
    await save(engine, 'standalone', node, standaloneCommands)
  } finally {
    await node.stop()
  }
}

async function save(
  engine: string,
  role: string,
  node: RedisNode,
  commands: Readonly<Record<string, string[]>>,
): Promise<void> {
  const target = join(repoRoot, 'exporter/test/golden', engine, role)
  mkdirSync(target, { recursive: true })
  for (const [file, command] of Object.entries(commands)) {
    // redis-cli prints bulk strings as they are; paths of this machine are nobody's business.
    const reply = (await node.cli(...command)).replace(/^(executable|config_file):[^\r\n]*/gm, '$1:')
    writeFileSync(join(target, file), reply)
  }
}
