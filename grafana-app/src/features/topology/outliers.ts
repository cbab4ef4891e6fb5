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

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * Nodes whose value is far from the median of all, farthest first. Of fewer than three nodes none stands out: nobody can
 * say which of two is the odd one.
 * @param least a median and a value below this are noise
 */
export function outliers(values: readonly NodeValue[], least: number): Outlier[] {
  if (values.length < 3) return []
  const middle = median(values.map(({ value }) => value))
  return values
    .filter(({ value }) => Math.max(middle, value) >= least)
    .map((node) => ({ ...node, median: middle, times: middle === 0 ? Infinity : node.value / middle }))
    .filter(({ times }) => times >= FACTOR || times <= 1 / FACTOR)
    .sort((a, b) => distance(b) - distance(a))
}

const distance = ({ times }: Outlier) => (times === 0 ? Infinity : Math.abs(Math.log(times)))
