export interface NodeValue {
  readonly instance: string
  readonly value: number
}

export interface Outlier extends NodeValue {
  /** Of all that were compared. */
  readonly median: number
  /** Its value over the median; Infinity where most have none. */
  readonly times: number
}

/** So many times more, or less, than its peers is worth a look. */
const FACTOR = 2

export const median = (values: readonly number[]) => middle(values.toSorted((a, b) => a - b))

/** The median of values in their order. */
export function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/**
 * Nodes whose value is far from the median of all, farthest first. Of fewer than three nodes none stands out: nobody can
 * say which of two is the odd one.
 * @param least a median and a value below this are noise
 */
export function outliers(values: readonly NodeValue[], least: number): Outlier[] {
  if (values.length < 3) return []
  const usual = median(values.map(({ value }) => value))
  return values
    .filter(({ value }) => Math.max(usual, value) >= least)
    .map((node) => ({ ...node, median: usual, times: usual === 0 ? Infinity : node.value / usual }))
    .filter(({ times }) => times >= FACTOR || times <= 1 / FACTOR)
    .sort((a, b) => distance(b) - distance(a))
}

const distance = ({ times }: Outlier) => (times === 0 ? Infinity : Math.abs(Math.log(times)))
