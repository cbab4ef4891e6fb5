import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../../../stack/dist/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/dist/redis-cluster.js'
import { startNode, type RedisNode } from '../../../stack/dist/redis-node.js'
import { massInsert, type Command } from '../../../stack/dist/start/mass-insert.js'
import { operate, type Taken } from './operate.js'
import { serve } from './serve.js'

const PRIMARIES = 3

/** A node and a cluster with the same keys, an empty cluster, and the exporter that knows all three. */
export interface WarmupStack {
  readonly node: RedisNode
  readonly target: RedisCluster
  /** Path of the file below the exporter's folder. */
  readonly file: string
  /** Empties the target. */
  empty(): Promise<void>
  /** How many keys the target has. */
  size(): Promise<number>
  /**
   * Plans and runs a warmup of the target without a limit of its rate.
   * @returns how long it took once it was asked to run
   */
  warmup(spec: object): Promise<Taken>
  stop(): Promise<void>
}

export interface WarmupStackOptions {
  readonly keys: number
  readonly mix: 'strings' | 'mixed'
  readonly dir: string
}

export async function startWarmupStack({ keys, mix, dir }: WarmupStackOptions): Promise<WarmupStack> {
  const files = join(dir, 'files')
  mkdirSync(files, { recursive: true })
  const [nodePort] = await freePorts(1)
  const cluster = async (name: string): Promise<RedisCluster> =>
    startCluster({ ports: await freePorts(PRIMARIES, { bus: true }), replicas: 0, dir: join(dir, name) })
  const node = await startNode({ port: nodePort!, dir: join(dir, 'node') })
  const [full, target] = [await cluster('full'), await cluster('target')]
  await massInsert([node.port], commands(keys, mix))
  await massInsert(
    full.nodes.map(({ port }) => port),
    commands(keys, mix),
  )
  if (mix === 'strings') writeFileSync(join(files, 'keys.jsonl'), lines(keys))

  const seeds = (address: string): string[] => [`redis://${address}`]
  const config = {
    clusters: [
      { name: 'target', seeds: seeds(target.nodes[0]!.address) },
      { name: 'full', seeds: seeds(full.nodes[0]!.address) },
    ],
    warmup: { dir: files, sources: [{ name: 'node', seeds: seeds(node.address) }] },
  }
  const { exporter, token } = await serve(config, dir)
  return {
    node,
    target,
    file: 'keys.jsonl',
    async empty() {
      await Promise.all(target.nodes.map((one) => one.cli('FLUSHALL', 'SYNC')))
    },
    async size() {
      const sizes = await Promise.all(target.nodes.map((one) => one.cli('DBSIZE')))
      return sizes.reduce((sum, text) => sum + Number(text), 0)
    },
    warmup: (given) =>
      // An empty rate is none: as fast as it goes.
      operate(exporter, token, { cluster: 'target', kind: 'warmup', spec: { rate: {}, ...given } }),
    async stop() {
      await exporter.stop()
      await Promise.all([target.stop(), full.stop(), node.stop()])
    },
  }
}

/** Random, so that nothing compresses it. */
const noise = randomBytes(64 * 1024).toString('base64')
const text = (index: number, length: number): string => {
  const at = (index * 97) % (noise.length - length)
  return noise.slice(at, at + length)
}

/** Every fourth key has a TTL. */
function* commands(keys: number, mix: 'strings' | 'mixed'): Generator<Command> {
  for (let i = 0; i < keys; i++) {
    const key = `key:${i}`
    yield mix === 'strings' ? ['SET', key, text(i, 100)] : mixed(key, i)
    if (i % 4 === 0) yield ['EXPIRE', key, 36_000 + (i % 3600)]
  }
}

function mixed(key: string, i: number): Command {
  const parts = (count: number, make: (at: number) => (string | number)[]): (string | number)[] =>
    Array.from({ length: count }, (_, at) => make(at)).flat()
  switch (i % 10) {
    case 6:
      return ['HSET', key, ...parts(8, (at) => [`field${at}`, text(i + at, 40)])]
    case 7:
      return ['RPUSH', key, ...parts(10, (at) => [text(i + at, 40)])]
    case 8:
      return ['SADD', key, ...parts(10, (at) => [`${at}${text(i + at, 30)}`])]
    case 9:
      return ['ZADD', key, ...parts(10, (at) => [at * 1.5, `${at}${text(i + at, 30)}`])]
    default:
      return ['SET', key, text(i, i % 2 === 0 ? 100 : 1000)]
  }
}

function lines(keys: number): string {
  return Array.from({ length: keys }, (_, i) => {
    const line = { key: `key:${i}`, type: 'string', value: text(i, 100), ...(i % 4 === 0 && { ttl: 36_000 }) }
    return `${JSON.stringify(line)}\n`
  }).join('')
}
