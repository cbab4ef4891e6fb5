import type { Cluster } from '../../../redis/cluster.js'
import { encodePipeline } from '../../../redis/frames.js'
import { readInfo } from '../../../redis/info.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf } from '../../../redis/replies.js'

const TIMEOUT_MS = 2000
const LIMITS = encodePipeline([
  ['CONFIG', 'GET', 'replica-ignore-maxmemory'],
  ['INFO', 'memory'],
])

/**
 * Replicas evict by themselves where replica-ignore-maxmemory is off.
 * @returns shard -> the smallest maxmemory of such a replica. A replica that does not tell counts as one that does not
 */
export async function replicaLimits(cluster: Cluster, clientName: string): Promise<Map<string, number>> {
  const limits = new Map<string, number>()
  const replicas = cluster.members
    .map(({ node }) => node)
    .filter(({ role, flags }) => role === 'replica' && flags.length === 0)
  await Promise.all(
    replicas.map(async (node) => {
      let link: RawLink | undefined
      try {
        link = cluster.rawLink(node.address, clientName)
        const [ignores, memory] = await link.exchange(LIMITS, 2, TIMEOUT_MS)
        const limit = Number(readInfo(bulkOf(memory!) ?? Buffer.alloc(0)).get('maxmemory') ?? 0)
        if (limit > 0 && ignores!.toString('latin1').includes('\r\nno\r\n'))
          limits.set(node.shard, Math.min(limit, limits.get(node.shard) ?? Infinity))
      } catch {
        // It is down: nothing of it can be evicted. Or it may not be asked.
      } finally {
        link?.close()
      }
    }),
  )
  return limits
}
