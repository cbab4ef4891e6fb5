import type { Reach } from './address-map.js'
import type { SlotRange } from './replies.js'
import { SLOTS } from './slots.js'

/** One line of CLUSTER NODES: what one node (the view's owner) believes of another. */
export interface NodeView {
  readonly id: string
  /** Empty where the node does not know its own address yet. */
  readonly host: string
  readonly port: number
  /** Where it is reached, when that is not what it announces. */
  readonly reach?: Reach
  /** The announced host name; empty when there is none. */
  readonly hostname: string
  readonly myself: boolean
  readonly role: 'primary' | 'replica'
  readonly primaryId: string
  /** Without `myself`, the role and `noflags`. */
  readonly flags: readonly string[]
  readonly configEpoch: number
  readonly linkUp: boolean
  readonly slots: readonly SlotRange[]
  /** Slots on their way from this node to another; a node says so only of itself. */
  readonly migrating: readonly MovingSlot[]
}

/** A slot that a node hands over. */
export interface MovingSlot {
  readonly slot: number
  /** Id of the node that gets it. */
  readonly to: string
}

const PLAIN_FLAGS = new Set(['myself', 'master', 'slave', 'noflags'])

/**
 * Parses the reply of CLUSTER NODES. Lines that make no sense are passed over: the format has grown fields before.
 * https://redis.io/docs/latest/commands/cluster-nodes/
 */
export function parseClusterNodes(text: string): NodeView[] {
  return text.split('\n').flatMap((line) => {
    const [id, address, flagList, primary, , , epoch, link, ...slotWords] = line.trim().split(' ')
    if (id === undefined || address === undefined || flagList === undefined || link === undefined) return []
    const match = /^(.*):(\d+)(?:@\d+)?(?:,([^,]*))?/.exec(address)
    if (!match) return []
    const flags = flagList.split(',')
    return {
      id,
      host: match[1]!,
      port: Number(match[2]),
      hostname: match[3] ?? '',
      myself: flags.includes('myself'),
      role: flags.includes('slave') ? ('replica' as const) : ('primary' as const),
      primaryId: primary === '-' || primary === undefined ? '' : primary,
      flags: flags.filter((flag) => !PLAIN_FLAGS.has(flag)),
      configEpoch: Number(epoch),
      linkUp: link === 'connected' || flags.includes('myself'),
      slots: slotWords.flatMap((word) => parseSlots(word)),
      migrating: slotWords.flatMap((word) => parseMove(word)),
    }
  })
}

/** A node that is not in cluster mode, as a view of a cluster that is only this node. Its address is its id. */
export function singleNodeView({ host, port }: { host: string; port: number }): NodeView {
  return {
    id: `${host}:${port}`,
    host,
    port,
    hostname: '',
    myself: true,
    role: 'primary',
    primaryId: '',
    flags: [],
    configEpoch: 0,
    linkUp: true,
    slots: [[0, SLOTS - 1]],
    migrating: [],
  }
}

/** `0-5460` or `7`; `[93->-id]` and `[93-<-id]` are moves, not ownership. */
function parseSlots(word: string): SlotRange[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(word)
  if (!match) return []
  const from = Number(match[1])
  return [[from, match[2] === undefined ? from : Number(match[2])]]
}

/** `[93->-id]`; the other side says `[93-<-id]`. */
function parseMove(word: string): MovingSlot[] {
  const match = /^\[(\d+)->-(\w+)\]$/.exec(word)
  return match ? [{ slot: Number(match[1]), to: match[2]! }] : []
}

export function countSlots(slots: readonly SlotRange[]): number {
  return slots.reduce((sum, [from, to]) => sum + to - from + 1, 0)
}

/**
 * What a view says about ownership, as a string to compare views by: who is there, whose replica, which slots, who
 * has failed. `fail?` is each node's own suspicion and no disagreement.
 */
export function opinionOf(view: readonly NodeView[]): string {
  return view
    .map(
      ({ id, primaryId, slots, flags }) =>
        `${id} ${primaryId} ${slots.join(' ')} ${flags.includes('fail') ? 'fail' : ''}`,
    )
    .sort()
    .join('\n')
}

/**
 * The view to go by: the opinion that most views share; among equals the one that has seen the latest
 * configuration, then the one with the fewest failed nodes (a node that was cut off sees the others failed).
 */
export function bestView(views: readonly (readonly NodeView[])[]): readonly NodeView[] | undefined {
  const shared = new Map<string, number>()
  for (const view of views) shared.set(opinionOf(view), (shared.get(opinionOf(view)) ?? 0) + 1)
  const rank = (view: readonly NodeView[]) => [
    shared.get(opinionOf(view))!,
    Math.max(0, ...view.map((node) => node.configEpoch)),
    -view.filter((node) => node.flags.includes('fail')).length,
  ]
  return [...views].sort((a, b) => compare(rank(b), rank(a)))[0]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : a[at]! - b[at]!
}
