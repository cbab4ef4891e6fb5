import { Cluster } from 'ioredis'
import { KEY_COUNTS } from './demo-keys.js'

const TICK_MS = 200
const MOST_PENDING = 100

/**
 * About 40 commands a second on a cluster, a good part of them misses. They may fail: the demo is there to be broken.
 * @param writes also keys that live for seconds; none that was there is changed, so that a copy stays comparable
 * @returns stops it
 */
export function startDemoLoad(ports: readonly number[], { writes }: { writes: boolean }): () => void {
  const cluster = new Cluster(
    ports.map((port) => ({ host: '127.0.0.1', port })),
    {
      enableAutoPipelining: true,
      clusterRetryStrategy: () => 1000,
      redisOptions: { connectTimeout: 1000, commandTimeout: 2000, maxRetriesPerRequest: 1 },
    },
  )
  cluster.on('error', () => undefined)

  let pending = 0
  const attempt = (command: Promise<unknown>): void => {
    pending++
    const done = (): void => {
      pending--
    }
    command.then(done, done)
  }
  const some = (name: string): string => `${name}:${random(KEY_COUNTS[name]! * 1.2)}`
  const timer = setInterval(() => {
    if (pending > MOST_PENDING) return
    for (let i = 0; i < 5; i++) attempt(cluster.get(some('session')))
    attempt(cluster.hgetall(some('user')))
    attempt(cluster.zrevrange(some('ranking'), 0, 9))
    if (writes) attempt(cluster.set(`request:${random(1e9)}`, 'seen', 'EX', 5))
  }, TICK_MS)

  return () => {
    clearInterval(timer)
    cluster.disconnect()
  }
}

function random(below: number): number {
  return Math.floor(Math.random() * below)
}
