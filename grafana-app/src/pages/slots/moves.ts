import type { Topology } from '../../api/contract'

/** Slots that go from one node to another. */
export type Move = NonNullable<Topology['migrating']>[number]

/** The move that a slot is in. */
export const moveOf = (moves: readonly Move[], slot: number): Move | undefined =>
  moves.find(({ slots }) => slots.some(([from, to]) => from <= slot && slot <= to))
