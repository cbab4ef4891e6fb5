import { readFileSync } from 'node:fs'

/** Linux counts CPU in ticks of 10 ms (USER_HZ), so whoever measures lets a process work for many of them. */
const TICKS_A_SECOND = 100

/** CPU that a process and all its threads have used so far, user and system; seconds. See proc_pid_stat(5). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold anything, so fields are counted from behind it: utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** Resident memory of a process; bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

/** The middle of the values; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Collects measurements under names. */
export class Measurements {
  readonly #values = new Map<string, number[]>()

  add(name: string, value: number): void {
    const values = this.#values.get(name)
    if (values) values.push(value)
    else this.#values.set(name, [value])
  }

  /** The median of what was measured under a name; undefined when nothing was. */
  median(name: string): number | undefined {
    const values = this.#values.get(name)
    return values && median(values)
  }

  /**
   * The median of a's values divided by b's of the same round: what disturbs a round disturbs both.
   * @returns undefined when one of them was not measured
   */
  ratio(a: string, b: string): number | undefined {
    const [over, under] = [this.#values.get(a), this.#values.get(b)]
    return over && under && median(over.map((value, round) => value / under[round]!))
  }
}
