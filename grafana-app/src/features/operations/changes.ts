import type { Change } from '../../api/contract'

/** Says a parameter's value as people read it: bytes with a unit. */
export type SayValue = (parameter: string, value: string) => string

export interface ChangeGroup {
  readonly parameter: string
  readonly from: string
  readonly to: string
  readonly nodes: number
}

/** The same change on many nodes is one thing to think about. Most nodes first. */
export function groupChanges(changes: readonly Change[]): readonly ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>()
  for (const { parameter, from, to } of changes) {
    const key = JSON.stringify([parameter, from, to])
    groups.set(key, { parameter, from, to, nodes: (groups.get(key)?.nodes ?? 0) + 1 })
  }
  return [...groups.values()].sort((a, b) => b.nodes - a.nodes)
}
