import { setTimeout } from 'node:timers/promises'
import type { Cluster } from '../../../redis/cluster.js'
import { encodePipeline } from '../../../redis/frames.js'
import { readInfo } from '../../../redis/info.js'
import { replyError } from '../../../redis/errors.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, errorOf } from '../../../redis/replies.js'
import { count } from '../../figures.js'
import { factsOf } from '../../nodes/node-facts.js'
import type { SourceNode } from './source-node.js'

export interface CaughtUpOptions {
  readonly clientName: string
  /** How long a replica is waited for. */
  readonly waitMs: number
  /** Awaited before each further look. */
  readonly turn?: () => Promise<void>
  /** Why it is waited for. */
  readonly behind?: (reason: string) => void
}

const TIMEOUT_MS = 5000
const LOOK_AGAIN_MS = 100
const REPLICATION = encodePipeline([['INFO', 'replication']])

/**
 * Who is read for what a primary has at this moment: its replica, once that has come as far; the primary itself where
 * the replica does not in time.
 * @throws NodeError one of them does not answer
 */
export async function caughtUp(
  source: Cluster,
  chosen: SourceNode,
  options: CaughtUpOptions,
): Promise<SourceNode> {
  const { node, primary } = chosen
  if (node === primary) return chosen
  const { clientName, waitMs, turn, behind } = options
  const links = [primary, node].map(({ address }) => source.rawLink(address, clientName)) as [
    RawLink,
    RawLink,
  ]
  try {
    const goal = await placeOf(links[0])
    for (const started = performance.now(); ;) {
      const { history, offset } = await placeOf(links[1])
      if (history === goal.history && offset >= goal.offset) return chosen
      if (performance.now() - started >= waitMs) break
      const far = history === goal.history ? `${count(goal.offset - offset)} bytes of` : 'what'
      behind?.(`replica ${node.instance} has yet to take ${far} its primary has`)
      await setTimeout(LOOK_AGAIN_MS)
      await turn?.()
    }
  } finally {
    for (const link of links) link.close()
  }
  return { ...(await factsOf(source, primary, clientName)), primary }
}

/** How far a node is in the stream of writes, and in which. */
async function placeOf(link: RawLink): Promise<{ readonly history: string; readonly offset: number }> {
  const [reply] = await link.exchange(REPLICATION, 1, TIMEOUT_MS)
  const refused = errorOf(reply!)
  if (refused !== undefined) throw replyError(link.address, 'INFO', refused)
  const info = readInfo(bulkOf(reply!) ?? Buffer.alloc(0))
  // What a replica has received is not what it has applied.
  const offset = info.get('slave_repl_offset') ?? info.get('master_repl_offset')
  return { history: info.get('master_replid') ?? '', offset: Number(offset) }
}
