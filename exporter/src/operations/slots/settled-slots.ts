import type { Cluster } from '../../redis/cluster.js'
import { replyError } from '../../redis/errors.js'
import { encodePipeline } from '../../redis/frames.js'
import { bulkOf, errorOf, type ClusterNode } from '../../redis/replies.js'
import { NodeChanged, PASSING } from '../nodes/passing.js'
import { SlotSet } from './slot-set.js'

const TIMEOUT_MS = 10_000
const NODES = encodePipeline([['CLUSTER', 'NODES']])

/** What a primary itself says of its slots. */
export interface Settled {
  /** Those that it serves, without those that are on their way to another node. */
  readonly slots: SlotSet
  /**
   * Its config epoch: another one after each slot that came to it. A slot that it serves before and after something
   * was there all the while if the epoch is the same.
   */
  readonly epoch: string
}

export async function settledSlots(
  source: Cluster,
  primary: ClusterNode,
  clientName: string,
): Promise<Settled> {
  const link = source.rawLink(primary.address, clientName)
  try {
    const [reply] = await link.exchange(NODES, 1, TIMEOUT_MS)
    const refused = errorOf(reply!)
    if (refused?.includes('cluster support disabled')) return { slots: SlotSet.all(), epoch: '' }
    if (refused !== undefined) throw refusal(primary.address, 'CLUSTER NODES', refused)
    const text = bulkOf(reply!)?.toString() ?? ''
    return settledOf(text.split('\n').find((line) => line.includes('myself')) ?? '')
  } finally {
    link.close()
  }
}

/** A line of CLUSTER NODES; slots that migrate are told as `[93->-id]`, but not those that go over atomically. */
function settledOf(line: string): Settled {
  const words = line.trim().split(' ')
  const epoch = words[6] ?? ''
  if (!words[2]?.includes('master')) return { slots: new SlotSet(), epoch }
  const slots = new SlotSet(
    words.slice(8).flatMap((word) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(word)
      return match ? [[Number(match[1]), Number(match[2] ?? match[1])] as const] : []
    }),
  )
  const leaving = words.flatMap((word) => /^\[(\d+)->-/.exec(word)?.[1] ?? []).map(Number)
  slots.remove(new SlotSet(leaving.map((slot) => [slot, slot])))
  return { slots, epoch }
}

function refusal(address: string, command: string, reply: string): Error {
  const error = replyError(address, command, reply)
  return PASSING.test(reply) ? new NodeChanged(error.message) : error
}
