import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePorts } from '../../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../../stack/src/redis-cluster.js'
import { EvictBench } from '../evict-keys.js'
import { clusterOf, send, type Command } from '../warmup.js'

const dir = mkdtempSync(join(tmpdir(), 'slotwise-evict-reads-'))
let redis: RedisCluster
beforeAll(async () => {
  redis = await startCluster({ ports: await freePorts(3, { bus: true }), replicas: 0, dir })
})
afterAll(async () => {
  await redis.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** How often nodes were asked for the TTL of a key. */
const looks = async () => {
  const stats = await Promise.all(redis.nodes.map((node) => node.cli('INFO', 'commandstats')))
  return [...stats.join('\n').matchAll(/cmdstat_pttl:calls=(\d+)/g)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  )
}

it('looks at few keys more than once, however slow it goes', async () => {
  const [all, gone] = [600, 150]
  await send(
    redis.nodes,
    Array.from({ length: all }, (_, i): Command => [
      'SET',
      `k:${i}`,
      'v',
      ...(i < gone ? [] : ['EX', 100_000]),
    ]),
  )
  const cluster = clusterOf('demo', redis.nodes[0]!)
  const bench = await EvictBench.open(cluster)
  try {
    // Three keys a page.
    const plan = await bench.plan({
      match: 'k:*',
      noTtl: true,
      rate: { keysPerSecond: 60 },
      verify: { sample: 0 },
    })
    await Promise.all(redis.nodes.map((node) => node.cli('CONFIG', 'RESETSTAT')))
    const operation = await bench.end(await bench.start(plan))
    expect(operation).toMatchObject({ state: 'succeeded', counts: { evicted: gone } })
    // The count at the end looks at each that is left once, and a tenth of them is asked for its TTL once more.
    expect((await looks()) - (all - gone)).toBeLessThan(2.5 * all)
  } finally {
    await bench.engine.stop()
    cluster.close()
  }
})
