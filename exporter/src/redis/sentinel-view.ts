import { replyError } from './errors.js'
import { encodePipeline } from './frames.js'
import type { RawLink } from './raw-link.js'
import { decode, errorOf, listOf, pairsOf, type Reply } from './replies.js'
import { SLOTS } from './slots.js'
import type { NodeView } from './topology.js'
import { viewsOf } from './views.js'

/**
 * Every Sentinel's view of a primary: there are few, and they may disagree.
 * @param errors takes why one gives none
 */
export function readSentinels(
  sentinels: readonly RawLink[],
  primary: string,
  timeoutMs: number,
  errors: string[],
): Promise<NodeView[][]> {
  const request = encodePipeline(['MASTER', 'SLAVES'].map((what) => ['SENTINEL', what, primary]))
  return viewsOf(
    sentinels,
    async (link) => {
      const [main, replicas] = await link.exchange(request, 2, timeoutMs)
      const refused = errorOf(main!)
      if (refused !== undefined) throw replyError(link.address, `SENTINEL MASTER ${primary}`, refused)
      const view = sentinelView(decode(main!), decode(replicas!))
      if (view.length === 0)
        throw new Error(
          `${link.address}: SENTINEL MASTER ${primary}: an answer without an address; is that a Sentinel?`,
        )
      return view
    },
    errors,
  )
}

/**
 * What a Sentinel knows of a primary and its replicas, as a view of a cluster with one shard. Addresses are ids: a
 * node keeps its own whatever role it has.
 * https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
 * @param primary the reply to SENTINEL MASTER
 * @param replicas the reply to SENTINEL SLAVES
 */
export function sentinelView(primary: Reply, replicas: Reply): NodeView[] {
  const main = nodeOf(pairsOf(primary))
  if (!main) return []
  const others = listOf(replicas).flatMap((reply) => nodeOf(pairsOf(reply)) ?? [])
  return [
    { ...main, myself: true, slots: [[0, SLOTS - 1]] },
    // After a failover the promoted node may stand among the replicas for a moment.
    ...others
      .filter(({ id }) => id !== main.id)
      .map((node) => ({ ...node, role: 'replica' as const, primaryId: main.id })),
  ]
}

function nodeOf(fields: ReadonlyMap<string, Reply>): NodeView | undefined {
  const text = (name: string) => {
    const value = fields.get(name)
    return typeof value === 'string' ? value : ''
  }
  const [host, port, flags] = [text('ip'), Number(text('port')), text('flags').split(',')]
  if (host === '' || !(port > 0)) return undefined
  return {
    id: `${host}:${port}`,
    host,
    port,
    hostname: '',
    myself: false,
    role: 'primary',
    primaryId: '',
    flags: flags.some((flag) => flag === 's_down' || flag === 'o_down') ? ['fail'] : [],
    configEpoch: Number(text('config-epoch')) || 0,
    linkUp: !flags.includes('disconnected'),
    slots: [],
    migrating: [],
  }
}
