/** What a suite of benchmarks is; main.ts lists them. */

export interface BenchOptions {
  /** Every measurement is taken this often, the programs in turn; medians are reported. */
  readonly rounds: number
  /** Nodes of the real cluster; half of them replicas. */
  readonly nodes: number
  /** Sizes of the simulated fleets. */
  readonly simulated: readonly number[]
  /** How many keys are copied. */
  readonly keys: number
  /** How many events a start reads. */
  readonly events: number
  /** For the servers' files; removed at the end. */
  readonly dir: string
  /** Says what goes on, on standard error. */
  readonly say: (line: string) => void
}

/** A line of the table. */
export interface Row {
  /** What was measured, with its unit. */
  readonly what: string
  /** Measured values by program; those without a value are left out. */
  readonly values: Readonly<Record<string, string>>
  /** What was to be reached; undefined for a figure that is only informative. */
  readonly target?: string
  /** What was reached, in the words of the target. */
  readonly reached?: string
  readonly met?: boolean
}

export interface Report {
  readonly title: string
  /** The columns of values, in their order. */
  readonly programs: readonly string[]
  readonly rows: readonly Row[]
}

export interface Suite {
  readonly name: string
  /** One line for --help. */
  readonly description: string
  /** Gives each report as soon as it is there. */
  run(options: BenchOptions): AsyncIterable<Report>
}
