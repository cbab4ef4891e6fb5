import { performance } from 'node:perf_hooks'
import type { Fence, Lease } from '../log.js'
import type { SqliteFile } from './sqlite-file.js'

interface Row {
  readonly lease: string
  readonly owner: string
  readonly token: number
}

/** No lease: its token is one that all tokens have to be greater than. */
export const FLOOR = ''

/**
 * Leases beside the log. The file keeps who has one and its token; until when is kept here alone, by a clock that
 * nobody sets: the file serves one process, so that what an earlier one held is free when this one has opened it. A
 * renewal therefore costs no write.
 */
export class SqliteLeases {
  readonly #expiresAt = new Map<string, number>()
  /** Every token given is greater. */
  readonly #floor: number

  constructor(private readonly file: SqliteFile) {
    this.#floor = this.#row(FLOOR)?.token ?? 0
  }

  acquire(lease: string, owner: string, ttlMs: number): Lease {
    const now = performance.now()
    const row = this.#row(lease) ?? { lease, owner: '', token: 0 }
    const expiresAt = this.#expiresAt.get(lease) ?? now
    if (row.owner !== owner && expiresAt > now) return { ...row, remainingMs: expiresAt - now }
    const taken = row.owner === owner ? row : { lease, owner, token: Math.max(row.token, this.#floor) + 1 }
    if (taken !== row)
      this.file.transaction(() =>
        this.file.run('INSERT OR REPLACE INTO leases VALUES (?, ?, ?)', lease, owner, taken.token),
      )
    this.#expiresAt.set(lease, now + ttlMs)
    return { ...taken, remainingMs: ttlMs }
  }

  release({ lease, token }: Fence): void {
    if (this.tokenOf(lease) !== token) return
    this.file.transaction(() => this.file.run("UPDATE leases SET owner = '' WHERE lease = ?", lease))
    this.#expiresAt.delete(lease)
  }

  all(): Lease[] {
    const now = performance.now()
    return this.file
      .query<Row>("SELECT lease, owner, token FROM leases WHERE owner <> '' ORDER BY lease")
      .map((row) => ({ ...row, remainingMs: (this.#expiresAt.get(row.lease) ?? now) - now }))
  }

  /** The newest token of a lease; 0 when nobody ever had it. */
  tokenOf(lease: string): number {
    return this.#row(lease)?.token ?? 0
  }

  #row(lease: string): Row | undefined {
    return this.file.query<Row>('SELECT lease, owner, token FROM leases WHERE lease = ?', lease)[0]
  }
}
