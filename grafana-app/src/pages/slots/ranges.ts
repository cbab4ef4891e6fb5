import type { Topology, TopologyNode } from '../../api/contract'
import { isGone } from '../../features/topology/causes'
import { isServed } from '../../features/topology/nodes'
import { SLOTS } from '../../features/topology/verdicts'

type Shard = Topology['shards'][number]

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

function ownerOf(shard: Shard, number: number): Owner {
  const primaries = shard.nodes.filter(({ role }) => role === 'primary')
  return {
    shard,
    number,
    primary: primaries.find((node) => !isGone(node)) ?? primaries[0],
    served: isServed(shard),
  }
}

/** All slots from 0 to the last, in order, whoever owns them. */
export function rangesOf({ shards }: Pick<Topology, 'shards'>): readonly Range[] {
  const owned = shards
    .flatMap((shard, index) => {
      const owner = ownerOf(shard, index + 1)
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

/** A slot as the URL has it; undefined where it is none. */
export function parseSlot(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) < SLOTS ? Number(text) : undefined
}
