import { freePorts } from '../../stack/src/ports.js'
import { startCluster, type RedisCluster } from '../../stack/src/redis-cluster.js'
import { Cluster } from '../src/redis/cluster.js'
import { parseEndpoint } from '../src/redis/endpoint.js'

/** A cluster of one node without CONFIG, as services have it, and the exporter's view of it. */
export async function startWithoutConfig(
  dir: string,
  config: Readonly<Record<string, string>> = {},
): Promise<{ redis: RedisCluster; cluster: Cluster }> {
  const redis = await startCluster({
    ports: await freePorts(1, { bus: true }),
    replicas: 0,
    dir,
    config: { 'rename-command': 'CONFIG ""', ...config },
  })
  const seeds = [parseEndpoint(redis.nodes[0]!.address)]
  const cluster = new Cluster({ name: 'demo', seeds, link: {}, allow: [], nodeTimeoutMs: 20_000 })
  return { redis, cluster }
}
