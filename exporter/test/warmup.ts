import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import type { RedisNode } from '../../stack/src/redis-node.js'
import type { Operation, Plan } from '../src/contract/operations.js'
import type { EventLog } from '../src/events/log.js'
import { Engine } from '../src/operations/engine.js'
import { warmup } from '../src/operations/kinds/warmup/kind.js'
import { Cluster } from '../src/redis/cluster.js'
import { parseEndpoint } from '../src/redis/endpoint.js'
import { slotOf } from '../src/redis/slots.js'
import { EngineBench } from './engine-bench.js'
import { MemoryLog } from './memory-log.js'

export const by = { token: 'tester' }

/** A cluster, or a single node, by its first node. */
export function clusterOf(name: string, node: RedisNode): Cluster {
  return new Cluster({
    name,
    seeds: [parseEndpoint(node.address)],
    link: {},
    allow: [],
    nodeTimeoutMs: 2000,
    single: true,
  })
}

/** An engine with the warmup kind, and what a user does with it. */
export class WarmupBench extends EngineBench {
  private constructor(
    engine: Engine,
    readonly target: Cluster,
    readonly log: EventLog,
  ) {
    super(engine)
  }

  /** @param source called `old`; none for files */
  static async open(
    target: Cluster,
    source: Cluster | undefined,
    dir = '',
    log: EventLog = new MemoryLog(),
  ): Promise<WarmupBench> {
    await target.refresh()
    const kind = warmup({
      sourceOf: (name) => (name === 'old' ? source : undefined),
      clusterOf: (name) => (name === target.name ? target : undefined),
      dir,
    })
    const engine = await Engine.open({
      log,
      clusters: [target],
      kinds: [kind],
      now: () => new Date(),
      newId: randomUUID,
      owner: randomUUID(),
      logRetryMs: 10,
      lookMs: 50,
      onError: (error) => {
        throw error
      },
    })
    engine.start()
    return new WarmupBench(engine, target, log)
  }

  async plan(spec: object, keyPrefixes?: readonly string[]): Promise<Plan> {
    const whole = { source: { type: 'redis', name: 'old' }, ...spec }
    const asked = { cluster: this.target.name, kind: 'warmup', spec: whole, by }
    const { id } = await this.engine.plan({ ...asked, ...(keyPrefixes && { keyPrefixes }) })
    return this.planned(id)
  }

  async start(plan: Plan): Promise<string> {
    if (plan.state !== 'ready') throw new Error(`the plan is ${plan.state}: ${JSON.stringify(plan.refused)}`)
    const override = plan.blockers?.map(({ check }) => check)
    await this.engine.run(plan.id, {
      confirm: this.target.name,
      hash: plan.hash!,
      reason: 'test',
      by,
      override,
    })
    return plan.id
  }

  /** Plans, runs and waits for the end. */
  async copy(spec: object): Promise<{ plan: Plan; operation: Operation }> {
    const plan = await this.plan(spec)
    return { plan, operation: await this.end(await this.start(plan)) }
  }
}

/** A command with words that are bytes. */
export type Command = [string, ...(string | Buffer | number)[]]

/** Runs commands in one pipeline; each goes to the node that has its key (the second word). */
export async function send(nodes: readonly RedisNode[], commands: readonly Command[]): Promise<void> {
  const slots = nodes.length === 1 ? undefined : await owners(nodes)
  const perNode = new Map<RedisNode, Command[]>()
  for (const command of commands) {
    const node = slots ? slots[slotOf(Buffer.from(command[1] as string))]! : nodes[0]!
    perNode.set(node, [...(perNode.get(node) ?? []), command])
  }
  for (const [node, own] of perNode) {
    const redis = new Redis(node.port, { lazyConnect: false })
    const answers = await redis.pipeline(own.map(([name, ...words]) => ['call', name, ...words])).exec()
    redis.disconnect()
    const failed = answers?.find(([error]) => error)
    if (failed) throw failed[0]!
  }
}

async function owners(nodes: readonly RedisNode[]): Promise<RedisNode[]> {
  const slots: RedisNode[] = []
  for (const node of nodes) {
    if (node.child.exit !== undefined) continue
    const line = (await node.cli('CLUSTER', 'NODES')).split('\n').find((one) => one.includes('myself'))!
    for (const range of line.trim().split(' ').slice(8)) {
      const [from, to = from] = range.split('-').map(Number)
      for (let slot = from!; slot <= to!; slot++) slots[slot] = node
    }
  }
  return slots
}

/** Everything that the primaries among these nodes have: type, value and whether there is a TTL, by key (hex). */
export async function contentOf(nodes: readonly RedisNode[]): Promise<Map<string, Content>> {
  const content = new Map<string, Content>()
  for (const node of nodes) {
    if (node.child.exit !== undefined) continue
    if (!(await node.cli('INFO', 'replication')).includes('role:master')) continue
    const redis = new Redis(node.port)
    try {
      let cursor = '0'
      do {
        const [next, keys] = await redis.scanBuffer(cursor, 'COUNT', 1000)
        cursor = next.toString()
        await readInto(content, redis, keys)
      } while (cursor !== '0')
    } finally {
      redis.disconnect()
    }
  }
  return content
}

export interface Content {
  readonly type: string
  readonly value: string
  /** When it expires, seconds since the epoch; 0: never. */
  readonly expiresAt: number
}

const READ: Record<string, (key: Buffer) => Command> = {
  string: (key) => ['GET', key],
  list: (key) => ['LRANGE', key, 0, -1],
  set: (key) => ['SMEMBERS', key],
  hash: (key) => ['HGETALL', key],
  zset: (key) => ['ZRANGE', key, 0, -1, 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
}

/** A key that is gone before it was read is passed over. */
async function readInto(content: Map<string, Content>, redis: Redis, keys: readonly Buffer[]): Promise<void> {
  const facts = await redis
    .pipeline(
      keys.flatMap((key) => [
        ['type', key],
        ['pttl', key],
      ]),
    )
    .exec()
  const types = keys.map((_, i) => String(facts![i * 2]![1]))
  const read = keys.map((key, i): Command => READ[types[i]!]?.(key) ?? ['GET', key])
  const values = await redis.pipeline(read.map((command) => ['callBuffer', ...command])).exec()
  const now = Date.now()
  keys.forEach((key, i) => {
    const value = values![i]![1]
    if (types[i] === 'none' || value === null) return
    const left = Number(facts![i * 2 + 1]![1])
    content.set(key.toString('hex'), {
      type: types[i]!,
      value: canonical(types[i]!, value),
      expiresAt: left < 0 ? 0 : (now + left) / 1000,
    })
  })
}

function canonical(type: string, value: unknown): string {
  const text = (one: unknown): string =>
    Array.isArray(one) ? `[${one.map(text).join()}]` : Buffer.from(one as Buffer).toString('hex')
  if (!Array.isArray(value) || type === 'list' || type === 'stream') return text(value)
  // Scores are written in different ways: 0.1, 0.10000000000000001.
  const list = value
    .flat()
    .map((one: unknown, i) => (type === 'zset' && i % 2 ? score(String(one)) : text(one)))
  const size = type === 'set' ? 1 : 2
  return list
    .flatMap((_, i) => (i % size === 0 ? list.slice(i, i + size).join() : []))
    .sort()
    .join(';')
}

function score(text: string): string {
  return text.includes('inf') ? text : String(Number(text))
}

/** What differs between two contents, as text; TTLs may differ by two seconds. */
export function differences(
  source: ReadonlyMap<string, Content>,
  target: ReadonlyMap<string, Content>,
): string[] {
  const name = (hex: string) => JSON.stringify(Buffer.from(hex, 'hex').toString('latin1'))
  const lines = [...source].flatMap(([key, want]) => {
    const has = target.get(key)
    if (!has) return `${name(key)} is missing`
    if (has.type !== want.type) return `${name(key)} is a ${has.type}, not a ${want.type}`
    if (has.value !== want.value) return `${name(key)} has another value`
    if (Math.abs(has.expiresAt - want.expiresAt) > 2)
      return `${name(key)} expires at ${has.expiresAt}, not ${want.expiresAt}`
    return []
  })
  return [
    ...lines,
    ...[...target.keys()].flatMap((key) => (source.has(key) ? [] : `${name(key)} is not in the source`)),
  ]
}

/** Keys of every type that can be copied by type, with names and values that are hard to carry. */
export function allKinds(): Command[] {
  const binary = Buffer.from([0, 255, 13, 10, 36, 42, 128, 0])
  const big = Buffer.alloc(300_000, 'x0123456789')
  const commands: Command[] = [
    ['SET', Buffer.concat([Buffer.from('binary:'), binary]), binary],
    ['SET', Buffer.from([0xff, 0xfe, 13, 10]), 'hostile name'],
    ['SET', 'key with spaces and "quotes"\n', 'v'],
    ['SET', '*3\r\n$3\r\nSET\r\n', '$-1\r\n'],
    ['SET', '__proto__', 'constructor'],
    ['SET', '{tag}', 'closed'],
    ['SET', 'open{', 'v'],
    ['SET', '{}empty', 'v'],
    ['SET', 'an empty value', ''],
    ['SET', 'number', '12345'],
    ['SET', 'big', big],
    ['SET', 'with ttl', 'v', 'EX', 1000],
    ['SET', 'with short ttl', 'v', 'PX', 90_000],
    ['RPUSH', 'list', 'b', 'a', 'b', binary, ''],
    ['RPUSH', 'list:long', ...Array.from({ length: 3500 }, (_, i) => `e${i}`)],
    ['SADD', 'set', 'a', 'b', binary],
    ['SADD', 'set:ints', ...Array.from({ length: 600 }, (_, i) => i)],
    ['SADD', 'set:long', ...Array.from({ length: 2500 }, (_, i) => `m${i}`)],
    ['HSET', 'hash', 'f', 'v', binary, binary, '', ''],
    ['HSET', 'hash:long', ...Array.from({ length: 3000 }, (_, i) => `x${i}`)],
    [
      'ZADD',
      'zset',
      '0.1',
      'tenth',
      '-inf',
      'least',
      'inf',
      'most',
      '1e300',
      'huge',
      '0.30000000000000004',
      'odd',
    ],
    ['ZADD', 'zset:long', ...Array.from({ length: 1500 }, (_, i) => [`${i / 7}`, `m${i}`]).flat()],
    ['PEXPIRE', 'zset', 500_000],
    ['PEXPIRE', 'list:long', 600_000],
  ]
  for (let i = 0; i < 200; i++) commands.push(['SET', `{user${i % 7}}:${i}`, `v${i}`, 'EX', 100 + i])
  return commands
}

/** Many small strings, in batches. */
export async function fill(
  nodes: readonly RedisNode[],
  count: number,
  size = 100,
  name = 'k',
): Promise<void> {
  for (let from = 0; from < count; from += 20_000) {
    const batch = Math.min(20_000, count - from)
    await send(
      nodes,
      Array.from({ length: batch }, (_, i): Command => [
        'SET',
        `${name}:${from + i}`,
        String(from + i).padEnd(size, '.'),
      ]),
    )
  }
}

export async function flush(nodes: readonly RedisNode[]): Promise<void> {
  for (const node of nodes)
    if (node.child.exit === undefined && (await node.cli('INFO', 'replication')).includes('role:master'))
      await node.cli('FLUSHALL')
}
