import { Cluster } from 'ioredis'

/** Keys of every kind: name -> how many, and how one is written. */
const KEYS: Record<
  string,
  { count: number; write: (cluster: Cluster, key: string, index: number) => Promise<unknown> }
> = {
  session: {
    count: 1200,
    write: (cluster, key, i) => cluster.set(key, `token-${i}`.repeat(8), 'EX', 600 + i),
  },
  page: {
    count: 800,
    write: (cluster, key, i) => cluster.set(key, `<html>${'.'.repeat(200 + (i % 800))}</html>`),
  },
  user: {
    count: 800,
    write: (cluster, key, i) => cluster.hset(key, { name: `user ${i}`, visits: i, plan: 'free' }),
  },
  cart: { count: 300, write: (cluster, key, i) => cluster.rpush(key, ...range(1 + (i % 9), 'item')) },
  tags: { count: 200, write: (cluster, key, i) => cluster.sadd(key, ...range(1 + (i % 20), 'tag')) },
  ranking: {
    count: 50,
    write: (cluster, key, i) => cluster.zadd(key, ...range(20, 'player').flatMap((p, at) => [at * i, p])),
  },
  events: { count: 20, write: (cluster, key) => cluster.xadd(key, '*', 'type', 'created') },
}

const BATCH = 250
const TICK_MS = 200
const MOST_PENDING = 100

export interface DemoLoad {
  /** Keys written. */
  readonly keys: number
  stop(): void
}

/**
 * Fills the demo cluster with some thousand keys of all types, then goes on with about 40 commands a second, a good
 * part of them misses. Its own commands may fail: the demo is there to be broken.
 */
export async function startDemoLoad(ports: readonly number[]): Promise<DemoLoad> {
  const cluster = new Cluster(
    ports.map((port) => ({ host: '127.0.0.1', port })),
    {
      enableAutoPipelining: true,
      clusterRetryStrategy: () => 1000,
      redisOptions: { connectTimeout: 1000, commandTimeout: 2000, maxRetriesPerRequest: 1 },
    },
  )
  cluster.on('error', () => undefined)
  const keys = await fill(cluster)

  let pending = 0
  const attempt = (command: Promise<unknown>): void => {
    pending++
    const done = (): void => {
      pending--
    }
    command.then(done, done)
  }
  const timer = setInterval(() => {
    if (pending > MOST_PENDING) return
    for (let i = 0; i < 5; i++) attempt(cluster.get(`session:${random(1500)}`))
    attempt(cluster.hgetall(`user:${random(800)}`))
    attempt(cluster.set(`session:${random(1200)}`, 'renewed', 'EX', 600))
    attempt(cluster.zincrby(`ranking:${random(50)}`, 1, `player ${random(20)}`))
  }, TICK_MS)

  return {
    keys,
    stop() {
      clearInterval(timer)
      cluster.disconnect()
    },
  }
}

async function fill(cluster: Cluster): Promise<number> {
  const all = Object.entries(KEYS).flatMap(([name, { count, write }]) =>
    Array.from({ length: count }, (_, index) => () => write(cluster, `${name}:${index}`, index)),
  )
  for (let at = 0; at < all.length; at += BATCH)
    await Promise.all(all.slice(at, at + BATCH).map((write) => write()))
  return all.length
}

function range(count: number, word: string): string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index}`)
}

function random(below: number): number {
  return Math.floor(Math.random() * below)
}
