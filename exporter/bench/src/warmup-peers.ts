import { spawn } from 'node:child_process'
import type { RedisCluster } from '../../../stack/dist/redis-cluster.js'
import type { RedisNode } from '../../../stack/dist/redis-node.js'
import { locateServer } from '../../../stack/dist/servers.js'
import type { Taken } from './operate.js'

/** Copies every key of a node into a cluster with redis-cli. */
export function importByCli(target: RedisCluster, source: RedisNode): Promise<Taken> {
  const [to] = target.nodes
  return timed('redis-cli', [
    ...['--cluster', 'import', to!.address, '--cluster-from', source.address, '--cluster-copy'],
  ])
}

/** Writes as many strings of 100 bytes as there are keys, at random. */
export function benchmarkSets(target: RedisCluster, keys: number): Promise<Taken> {
  const { port } = target.nodes[0]!
  return timed('redis-benchmark', [
    ...['--cluster', '-h', '127.0.0.1', '-p', String(port), '-t', 'set', '-P', '64', '-c', '50', '-q'],
    ...['-n', String(keys), '-r', String(keys), '-d', '100'],
  ])
}

/** Runs to the end; what it says is not waited for, one line a key would slow it down. */
async function timed(name: 'redis-cli' | 'redis-benchmark', args: readonly string[]): Promise<Taken> {
  const command = locateServer(name)
  if (command === undefined) throw new Error(`${name} is neither on PATH nor unpacked; run npm run setup`)
  const started = performance.now()
  const child = spawn(command, args, { stdio: 'ignore' })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code ?? 'a signal'}`)
  const seconds = (performance.now() - started) / 1000
  return { working: seconds, whole: seconds }
}
