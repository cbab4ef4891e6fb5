import { hashOfSnapshot, type SnapshotPlace, type SnapshotProof } from '../snapshots.js'
import type { SqliteFile } from './sqlite-file.js'

/** A snapshot with its state as JSON. */
export interface SnapshotRow {
  readonly position: number
  readonly state: string
}

/** Snapshots of folds beside the log. */
export class SqliteSnapshots {
  constructor(private readonly file: SqliteFile) {}

  load(fold: string, format: number): SnapshotRow | undefined {
    return this.file.query<SnapshotRow>(
      'SELECT position, state FROM snapshots WHERE fold = ? AND format = ?',
      fold,
      format,
    )[0]
  }

  /** Position of the oldest; 0 when there is none. */
  oldest(): number {
    return (
      this.file.query<{ oldest: number | null }>('SELECT min(position) AS oldest FROM snapshots')[0]
        ?.oldest ?? 0
    )
  }

  places(): SnapshotPlace[] {
    return this.file.query<SnapshotPlace>(
      'SELECT fold, format, CAST(position AS TEXT) AS position FROM snapshots ORDER BY fold',
    )
  }

  /** What is there now, to be checked. */
  proofs(places = this.places()): SnapshotProof[] {
    return places.map((place) => {
      const { state } = this.load(place.fold, place.format)!
      return { ...place, hash: hashOfSnapshot(place, state) }
    })
  }

  save(fold: string, format: number, snapshot: SnapshotRow): void {
    this.file.transaction(() => this.put(fold, format, snapshot))
  }

  /** As `save`, in a transaction that is there already. */
  put(fold: string, format: number, { position, state }: SnapshotRow): void {
    this.file.run(
      `INSERT INTO snapshots VALUES (?, ?, ?, ?) ON CONFLICT (fold) DO UPDATE
       SET format = excluded.format, position = excluded.position, state = excluded.state
       WHERE format <> excluded.format OR position < excluded.position`,
      fold,
      format,
      position,
      state,
    )
  }
}
