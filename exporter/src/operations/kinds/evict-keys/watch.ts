import type { Cluster } from '../../../redis/cluster.js'
import { encodePipeline } from '../../../redis/frames.js'
import { readInfo, type InfoFields } from '../../../redis/info.js'
import type { RawLink } from '../../../redis/raw-link.js'
import { bulkOf, type ClusterNode } from '../../../redis/replies.js'
import { count } from '../../figures.js'
import { primariesOf } from '../../nodes/primaries.js'
import type { Gates } from '../../pacing/gates.js'
import { isLfu } from './criteria.js'

const TIMEOUT_MS = 5000
const LOOK = encodePipeline([
  ['INFO', 'replication'],
  ['INFO', 'memory'],
  ['CLUSTER', 'INFO'],
])
/** A replica that is behind by more would lose so much in a failover, and may have to be copied anew. */
const MOST_LAG_BYTES = 32 * 1024 ** 2
const MOST_LAG_SECONDS = 10
/** A node that takes longer for one answer has other things to do. */
const SLOW_MS = 500

/** Why a primary should be left in peace for now: its replicas are behind. */
export function lagging(info: InfoFields): string | undefined {
  const offset = Number(info.get('master_repl_offset') ?? 0)
  for (let i = 0; info.has(`slave${i}`); i++) {
    const fields = new Map(
      info
        .get(`slave${i}`)!
        .split(',')
        .map((pair) => pair.split('=') as [string, string]),
    )
    if (fields.get('state') !== 'online') continue
    const [bytes, seconds] = [offset - Number(fields.get('offset')), Number(fields.get('lag'))]
    const replica = `${fields.get('ip') ?? ''}:${fields.get('port') ?? ''}`
    if (bytes > MOST_LAG_BYTES) return `replica ${replica} is ${count(bytes)} bytes behind`
    if (seconds > MOST_LAG_SECONDS) return `replica ${replica} has not answered for ${count(seconds)} s`
  }
  return undefined
}

/** Looks after a cluster while a run works on it: says to the gates what holds the run up. */
export class Watch {
  readonly #links = new Map<string, RawLink>()
  #held = false

  constructor(
    private readonly cluster: Cluster,
    private readonly name: string,
    private readonly gates: Gates,
    /** A node has a policy of the other family by now: `lfu` or not. */
    private readonly policy: (node: ClusterNode, lfu: boolean) => void,
  ) {}

  /** Whether nothing should be unlinked for now. */
  get held(): boolean {
    return this.#held
  }

  /** Never throws: a node that does not answer is for those to tell who work on it. */
  async look(): Promise<void> {
    const nodes = primariesOf(this.cluster)
    const reasons = await Promise.all(nodes.map((node) => this.#lookAt(node).catch(() => [])))
    const all = [...new Set(reasons.flat())].sort()
    this.#held = all.length > 0
    this.gates.set('health', all.join('; '))
  }

  close(): void {
    for (const link of this.#links.values()) link.close()
  }

  async #lookAt(node: ClusterNode): Promise<string[]> {
    const started = performance.now()
    const replies = await this.#linkOf(node).exchange(LOOK, 3, TIMEOUT_MS)
    const tookMs = Math.round(performance.now() - started)
    const [replication, memory, state] = replies.map((reply) => readInfo(bulkOf(reply) ?? Buffer.alloc(0)))
    const policy = memory!.get('maxmemory_policy')
    if (policy !== undefined) this.policy(node, isLfu(policy))
    const lag = lagging(replication!)
    return [
      ...(state!.get('cluster_state') === 'fail'
        ? [`${node.instance} finds that the cluster has failed`]
        : []),
      ...(lag === undefined ? [] : [`${node.instance}: ${lag}`]),
      ...(tookMs > SLOW_MS ? [`${node.instance} takes ${count(tookMs)} ms for an answer`] : []),
    ]
  }

  #linkOf({ address }: ClusterNode): RawLink {
    let link = this.#links.get(address)
    if (!link) this.#links.set(address, (link = this.cluster.rawLink(address, this.name)))
    return link
  }
}
