import type { ReplicaLag } from '../../collectors/replication-lag.js'
import type { Cluster, Member } from '../../redis/cluster.js'
import type { InfoFields, NodeReading } from '../../redis/replies.js'

/** Points of a primary that are kept: an hour at a scrape every 15 seconds. */
const MOST_POINTS = 240

/** What a primary had written, in bytes of its replication stream, over time in seconds. */
export class OffsetHistory {
  readonly #points: { readonly at: number; readonly offset: number }[] = []

  /** Adds what was read; an offset that is smaller than the last one begins another history. */
  add(at: number, offset: number): void {
    const last = this.#points.at(-1)
    if (last && at <= last.at) return
    if (last && offset < last.offset) this.#points.length = 0
    this.#points.push({ at, offset })
    if (this.#points.length > MOST_POINTS) this.#points.shift()
  }

  /**
   * How far a replica is behind that has come to `offset` at `at`, compared to what the primary is known to have had
   * by then. When the primary was where the replica is now lies between two of its points; beyond the first one it is
   * only known to be longer ago.
   * @returns undefined when nothing of the primary is known from before `at`
   */
  behind(offset: number, at: number): { bytes: number; seconds: number } | undefined {
    const newest = this.#points.findLastIndex((point) => point.at <= at)
    const last = this.#points[newest]
    if (!last) return undefined
    if (offset >= last.offset) return { bytes: 0, seconds: 0 }
    const i = this.#points.findLastIndex((point, i) => i < newest && point.offset <= offset)
    const from = this.#points[i]
    const to = this.#points[i + 1]!
    const passed = from
      ? from.at + ((offset - from.offset) / (to.offset - from.offset)) * (to.at - from.at)
      : to.at
    return { bytes: last.offset - offset, seconds: at - passed }
  }
}

/** The replicas of one cluster against the offsets of their primaries, from the readings that there are anyway. */
export class ReplicationLag {
  #histories = new Map<string, OffsetHistory>()

  /** Takes up the last readings and tells how far each replica is behind. */
  update({ members }: Pick<Cluster, 'members'>): ReplicaLag[] {
    const histories = new Map<string, OffsetHistory>()
    for (const { node, reader } of members) {
      if (node.role !== 'primary') continue
      const history = this.#histories.get(node.id) ?? new OffsetHistory()
      histories.set(node.id, history)
      const offset = offsetOf(reader?.last?.info, 'master')
      if (offset !== undefined) history.add(reader!.last!.at, offset)
    }
    this.#histories = histories
    const byId = new Map(members.map((member) => [member.node.id, member]))
    return members.flatMap((replica) => {
      const primary = byId.get(replica.node.primaryId)
      const had = primary && (ownOffset(replica.reader?.last) ?? acknowledged(replica, primary))
      const behind = had && histories.get(primary.node.id)?.behind(had.offset, had.at)
      return behind ? [{ instance: replica.node.instance, shard: replica.node.shard, ...behind }] : []
    })
  }
}

interface Reached {
  readonly offset: number
  readonly at: number
}

/** Where a replica says that it is. */
function ownOffset(reading: NodeReading | undefined): Reached | undefined {
  const offset = offsetOf(reading?.info, 'slave')
  return offset === undefined ? undefined : { offset, at: reading!.at }
}

/** Where its primary has last heard that it is, for a replica that does not answer. */
function acknowledged({ node }: Member, { reader }: Member): Reached | undefined {
  const info = reader?.last?.info
  for (let i = 0; ; i++) {
    const line = info?.get(`slave${i}`)
    if (line === undefined) return undefined
    const fields = new Map(line.split(',').map((field) => field.split('=') as [string, string]))
    const offset = Number(fields.get('offset'))
    if (`${fields.get('ip')}:${fields.get('port')}` === node.address && offset > 0)
      return { offset, at: reader!.last!.at }
  }
}

/** The offset of a node in the role that it should have; undefined where it has the other, or none yet. */
function offsetOf(info: InfoFields | undefined, role: 'master' | 'slave'): number | undefined {
  if (info?.get('role') !== role) return undefined
  const offset = Number(info.get(role === 'master' ? 'master_repl_offset' : 'slave_repl_offset'))
  return offset > 0 ? offset : undefined
}
