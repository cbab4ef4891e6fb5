import type { NodeProgress } from '../contract/operations.js'
import type { PlanContext } from './kind.js'

/** In units of the kind where it says how many there are, else in nodes that are through. */
export function progressOf(nodes: readonly NodeProgress[]): { done: number; total: number } {
  const measured = nodes.filter(({ total }) => total !== undefined)
  if (measured.length > 0) {
    // A total is an estimate: what is done already is more certain.
    return {
      done: sum(measured.map(({ done = 0 }) => done)),
      total: sum(measured.map(({ done = 0, total = 0 }) => Math.max(done, total))),
    }
  }
  const open = nodes.filter(({ outcome }) => outcome === 'waiting' || outcome === 'working').length
  return { done: nodes.length - open, total: nodes.length }
}

/**
 * The sums of what the nodes count; undefined where they count nothing. Where a thing goes from one node to another
 * both tell of it: those with a `shard` say what arrived there, and the others count.
 */
export function countsOf(nodes: readonly NodeProgress[]): Record<string, number> | undefined {
  const counting = nodes.filter(({ counts }) => counts !== undefined)
  const sources = counting.filter(({ shard }) => shard === undefined)
  return addUp((sources.length > 0 ? sources : counting).map(({ counts }) => counts!))
}

/** Name by name; undefined for none at all. */
export function addUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> | undefined {
  const sums: Record<string, number> = {}
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  return all.length > 0 ? sums : undefined
}

/**
 * How much was looked at of several parts that are looked at at once: each tells of itself, and the whole is told.
 * @param totals of each part
 */
export function together(
  totals: readonly number[],
  tell: PlanContext['progress'],
): (part: number, done: number) => void {
  const parts = totals.map(() => 0)
  return (part, done) => {
    // Totals are estimates: nothing is told to be more than whole.
    parts[part] = Math.min(done, totals[part]!)
    tell?.(sum(parts), sum(totals))
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
