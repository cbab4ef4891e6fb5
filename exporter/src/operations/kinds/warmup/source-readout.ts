import type { Problem } from '../../../contract/operations.js'
import type { Cluster } from '../../../redis/cluster.js'
import type { Transfer } from './transfer.js'

export interface SourceOptions {
  /** Undefined for a file, and where the name is not configured. */
  readonly source: Cluster | undefined
  /** The folder of files; '' for none. */
  readonly dir: string
  readonly clientName: string
}

/** What is known of the source, whatever it is. */
export interface SourceReadout {
  readonly description: string
  readonly nodes: number
  /** What the plan relies on. */
  readonly identity: unknown
  readonly transfer: Transfer
  readonly warnings: readonly string[]
  readonly file?: {
    readonly path: string
    readonly bytes: number
    readonly sha256: string
    readonly lines: number
  }
}

/** Something forbids the plan. */
export class Forbids extends Error {
  override readonly name = 'Forbids'
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(({ reason }) => reason).join('; '))
  }
}
