export interface NodeValue {
  readonly instance: string
  readonly value: number
}

export interface Outlier extends NodeValue {
  /** Of the others of its role. */
  readonly median: number
  /** Its value over the median; Infinity where the others have none. */
  readonly times: number
}

/** So many times more, or less, than its peers is worth a look. */
const FACTOR = 2

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * Nodes whose value is far from the median of their peers, farthest first. With fewer than two peers there is no crowd to
 * stand out from.
 * @param least a median and a value below this are noise
 */
export function outliers(values: readonly NodeValue[], least: number): Outlier[] {
  return values
    .flatMap(({ instance, value }) => {
      const peers = values.filter((other) => other.instance !== instance).map((other) => other.value)
      if (peers.length < 2) return []
      const middle = median(peers)
      if (Math.max(middle, value) < least) return []
      const times = middle === 0 ? Infinity : value / middle
      return times >= FACTOR || times <= 1 / FACTOR ? [{ instance, value, median: middle, times }] : []
    })
    .sort((a, b) => distance(b) - distance(a))
}

const distance = ({ times }: Outlier) => (times === 0 ? Infinity : Math.abs(Math.log(times)))
