/** The keys of the tests: how they get into a cluster, and what two clusters have in common. */
import { Cluster, Redis } from 'ioredis'
import type { RedisCluster } from '../../../stack/src/redis-cluster.js'

/** What must come over when a key is copied. */
export interface KeyFacts {
  type: string
  /** ms since the epoch; -1: never. */
  expiresAt: number
  /** Of the value, whatever its encoding. */
  digest: string
}

/** Keys that a person would write: prefix -> how many, and how one is written. Some expire. */
const ORDINARY: Record<string, { count: number; write: (key: string, index: number) => string[] }> = {
  'session:': { count: 1500, write: (key, i) => ['SET', key, `token-${i}`.repeat(8), 'EX', `${3600 + i}`] },
  'page:': { count: 900, write: (key, i) => ['SET', key, `<html>${'.'.repeat(200 + i)}</html>`] },
  'user:': { count: 900, write: (key, i) => ['HSET', key, 'name', `user ${i}`, 'visits', `${i}`] },
  'cart:': { count: 300, write: (key, i) => ['RPUSH', key, ...range(1 + (i % 9))] },
  'tags:': { count: 300, write: (key, i) => ['SADD', key, ...range(1 + (i % 20))] },
  'ranking:': { count: 100, write: (key) => ['ZADD', key, ...range(20).flatMap((p, at) => [`${at}`, p])] },
}
/** Of these, every third expires. */
const SOME_EXPIRE = ['user:', 'cart:', 'tags:', 'ranking:']

/** Names that a page may trip over. All begin with `hostile:`. */
export const HOSTILE = {
  markup: 'hostile:<img src=x onerror="window.pwned=1">',
  script: 'hostile:</td><script>window.pwned=1</script>',
  template: 'hostile:${cluster} {{ .SecureJsonData.runToken }} $__range',
  rightToLeft: 'hostile:\u202Egnp.exe',
  newline: 'hostile:two\nlines\tand a tab\r\n',
  control: 'hostile:\u0000\u001B[31mred\u0007',
  long: `hostile:${'0123456789'.repeat(1000)}`,
} as const

/** Writes the ordinary and the hostile keys. @returns how many */
export async function fillCluster({ nodes }: RedisCluster): Promise<number> {
  const cluster = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  const commands = Object.entries(ORDINARY).flatMap(([prefix, { count, write }]) =>
    Array.from({ length: count }, (_, index) => write(`${prefix}${index}`, index)),
  )
  const expiring = SOME_EXPIRE.flatMap((prefix) =>
    Array.from({ length: Math.floor(ORDINARY[prefix]!.count / 3) }, (_, i) => [
      'EXPIRE',
      `${prefix}${3 * i}`,
      `${7200 + i}`,
    ]),
  )
  const hostile = Object.values(HOSTILE).map((key) => ['SET', key, 'harmless', 'EX', '5000'])
  const binary = cluster.set(Buffer.from('hostile:\xff\xfe binary', 'latin1'), 'harmless')
  try {
    for (const batch of [...chunks([...commands, ...hostile], 500), ...chunks(expiring, 500)])
      await Promise.all(batch.map(([name, ...args]) => cluster.call(name!, args)))
    await binary
    return commands.length + hostile.length + 1
  } finally {
    cluster.disconnect()
  }
}

/**
 * Reads keys again and again as clients would, a few of them missing, so that hit ratios are there to show. It changes
 * nothing, and goes on until this process ends.
 */
export function startLookups({ nodes }: RedisCluster): void {
  const cluster = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  cluster.on('error', () => undefined)
  const lookUp = (prefix: string, count: number) =>
    cluster.get(`${prefix}${Math.floor(Math.random() * count)}`)
  setInterval(() => {
    for (const prefix of ['session:', 'page:'])
      for (let i = 0; i < 5; i++) lookUp(prefix, ORDINARY[prefix]!.count * 1.1).catch(() => undefined)
  }, 250).unref()
}

/** Removes every key. */
export async function emptyCluster({ nodes }: RedisCluster): Promise<void> {
  for (const node of nodes)
    if ((await node.cli('ROLE')).startsWith('master')) await node.cli('FLUSHALL', 'SYNC')
}

/**
 * All keys of a cluster that begin with one of the prefixes, from its primaries. Names are latin1, so that each byte counts.
 * The nodes must allow DEBUG (`enable-debug-command yes`).
 */
export async function readKeys({ nodes }: RedisCluster, prefixes = ['']): Promise<Map<string, KeyFacts>> {
  const found = new Map<string, KeyFacts>()
  for (const { port } of nodes) {
    const redis = new Redis({ host: '127.0.0.1', port })
    try {
      const [role] = (await redis.call('ROLE')) as [string]
      if (role === 'master') await readNode(redis, prefixes, found)
    } finally {
      redis.disconnect()
    }
  }
  return found
}

async function readNode(redis: Redis, prefixes: string[], found: Map<string, KeyFacts>): Promise<void> {
  let cursor = '0'
  do {
    const [next, names] = (await redis.callBuffer('SCAN', cursor, 'COUNT', '500')) as [Buffer, Buffer[]]
    cursor = next.toString()
    const keys = names.filter((name) => prefixes.some((prefix) => name.toString('latin1').startsWith(prefix)))
    await Promise.all(
      keys.map(async (key) => {
        const [type, expiresAt, [digest]] = (await Promise.all([
          redis.call('TYPE', key),
          redis.call('PEXPIRETIME', key),
          redis.call('DEBUG', 'DIGEST-VALUE', key),
        ])) as [string, number, [string]]
        found.set(key.toString('latin1'), { type, expiresAt, digest })
      }),
    )
  } while (cursor !== '0')
}

/** A TTL that is told in whole seconds on its way may be off by this. */
const TTL_TOLERANCE_MS = 2000

/** What a copy lacks, has too much, or has otherwise, a line each: for `toEqual([])`. */
export function differences(source: Map<string, KeyFacts>, copy: Map<string, KeyFacts>): string[] {
  const lines: string[] = []
  for (const [key, there] of source) {
    const here = copy.get(key)
    const name = JSON.stringify(key.slice(0, 60))
    if (!here) lines.push(`${name} is missing`)
    else if (here.type !== there.type) lines.push(`${name} is a ${here.type}, not a ${there.type}`)
    else if (here.digest !== there.digest) lines.push(`${name} has another value`)
    else if (
      here.expiresAt === -1 || there.expiresAt === -1
        ? here.expiresAt !== there.expiresAt
        : Math.abs(here.expiresAt - there.expiresAt) > TTL_TOLERANCE_MS
    )
      lines.push(`${name} expires at ${here.expiresAt}, not at ${there.expiresAt}`)
  }
  for (const key of copy.keys())
    if (!source.has(key)) lines.push(`${JSON.stringify(key.slice(0, 60))} is not in the source`)
  return lines
}

function range(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `item ${index}`)
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
