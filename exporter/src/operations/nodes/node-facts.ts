import type { Cluster } from '../../redis/cluster.js'
import { encodePipeline } from '../../redis/frames.js'
import { readInfo, type InfoFields } from '../../redis/info.js'
import { replyError } from '../../redis/errors.js'
import type { RawLink } from '../../redis/raw-link.js'
import { bulkOf, errorOf, type ClusterNode } from '../../redis/replies.js'
import { engineVersion, rdbVersion, type EngineVersion } from './engine-version.js'

/** What one node is and has, as one look found it. */
export interface NodeFacts {
  readonly node: ClusterNode
  readonly info: InfoFields
  readonly runId: string
  readonly engine: EngineVersion
  readonly keys: number
  /** The RDB version of what it dumps; undefined where it does not tell. */
  readonly rdb: number | undefined
  /** maxmemory-policy */
  readonly policy: string
}

const TIMEOUT_MS = 5000
/** FUNCTION DUMP tells the RDB version without a key: an empty library has a footer, too. */
const LOOK = encodePipeline([
  ['INFO', 'server'],
  ['INFO', 'memory'],
  ['INFO', 'stats'],
  ['INFO', 'replication'],
  ['INFO', 'keyspace'],
  ['INFO', 'persistence'],
  ['DBSIZE'],
  ['FUNCTION', 'DUMP'],
])

/** @throws NodeError the node does not answer, or refuses INFO or DBSIZE */
async function lookAt(node: ClusterNode, link: RawLink): Promise<NodeFacts> {
  const replies = await link.exchange(LOOK, 8, TIMEOUT_MS)
  const [size, dump] = [replies[6]!, replies[7]!]
  for (const [reply, name] of [
    ...replies.slice(0, 6).map((one) => [one, 'INFO'] as const),
    [size, 'DBSIZE'] as const,
  ]) {
    const refused = errorOf(reply)
    if (refused !== undefined) throw replyError(link.address, name, refused)
  }
  const info: InfoFields = new Map(
    replies.slice(0, 6).flatMap((reply) => [...readInfo(bulkOf(reply) ?? Buffer.alloc(0))]),
  )
  return {
    node,
    info,
    runId: info.get('run_id') ?? '',
    engine: engineVersion(info),
    keys: Number(size.toString('latin1', 1, size.length - 2)),
    rdb:
      rdbVersion(bulkOf(dump) ?? Buffer.alloc(0)) ??
      (info.get('redis_version')?.startsWith('6.') ? 9 : undefined),
    policy: info.get('maxmemory_policy') ?? '',
  }
}

/** @throws NodeError */
export async function factsOf(cluster: Cluster, node: ClusterNode, clientName: string): Promise<NodeFacts> {
  const link = cluster.rawLink(node.address, clientName)
  try {
    return await lookAt(node, link)
  } finally {
    link.close()
  }
}

/** A field of INFO as a number; 0 where it is absent. */
export function numberIn({ info }: NodeFacts, field: string): number {
  return Number(info.get(field) ?? 0)
}
