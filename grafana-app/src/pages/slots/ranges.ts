import type { Topology, TopologyNode } from '../../api/contract'
import { isServed, primaryOf, type Shard } from '../../features/topology/nodes'
import { SLOTS } from '../../features/topology/verdicts'

/** Slots in a row that have one owner, or none. */
export interface Range {
  readonly from: number
  readonly to: number
  /** Undefined: nobody's. */
  readonly owner: Owner | undefined
}

export interface Owner {
  readonly shard: Shard
  /** 1 for the first. */
  readonly number: number
  readonly primary: TopologyNode | undefined
  readonly served: boolean
}

/** All slots from 0 to the last, in order, whoever owns them. */
export function rangesOf({ shards }: Pick<Topology, 'shards'>): readonly Range[] {
  const owned = shards
    .flatMap((shard, index) => {
      const owner = { shard, number: index + 1, primary: primaryOf(shard), served: isServed(shard) }
      return shard.slots.map(([from, to]): Range => ({ from, to, owner }))
    })
    .toSorted((a, b) => a.from - b.from)
  const all: Range[] = []
  let next = 0
  for (const range of owned) {
    if (range.from > next) all.push({ from: next, to: range.from - 1, owner: undefined })
    all.push(range)
    next = Math.max(next, range.to + 1)
  }
  if (next < SLOTS) all.push({ from: next, to: SLOTS - 1, owner: undefined })
  return all
}

export const sizeOf = ({ from, to }: Range) => to - from + 1

export const rangeAt = (ranges: readonly Range[], slot: number): Range | undefined =>
  ranges.find(({ from, to }) => from <= slot && slot <= to)

/** How many slots are in another shard now than they were. */
export function movedSince(then: readonly Range[], now: readonly Range[]): number {
  let moved = 0
  for (const range of then)
    for (const other of now)
      if (other.owner?.shard.id !== range.owner?.shard.id)
        moved += Math.max(0, Math.min(range.to, other.to) - Math.max(range.from, other.from) + 1)
  return moved
}

/** A slot as the URL has it; undefined where it is none. */
export function parseSlot(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) < SLOTS ? Number(text) : undefined
}
