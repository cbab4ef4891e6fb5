import type { SnapshotPlace, SnapshotProof, ToldSnapshots } from './snapshots.js'

/** A backup begins with a digest that tells all snapshots, if the log takes one. */
const untold = (fold: string) =>
  `no digest tells the snapshot of ${fold}: it was put in or changed, or the log took no digest for the backup ` +
  '(a full disk?); then make room, and make another'

const placeOf = ({ fold, format, position }: SnapshotPlace) => `${fold} ${format} ${position}`

/** Holds the snapshots of a log that was trimmed to what its digests tell of them. */
export class SnapshotCheck {
  /** Hashes by place. */
  readonly #told = new Map<string, string>()
  readonly #twice: string[] = []
  #newest: { readonly digest: string; readonly snapshots: ToldSnapshots } | undefined

  /**
   * @param kept those that the log has; absent: nobody asks for them
   * @param whole nothing was kept since the newest digest, as in a backup
   */
  constructor(
    private readonly kept?: readonly SnapshotProof[],
    private readonly whole = false,
  ) {}

  /** Takes what the next digest tells. */
  told(digest: string, snapshots: ToldSnapshots): void {
    for (const [fold, { format, position, hash }] of Object.entries(snapshots)) {
      const place = placeOf({ fold, format, position })
      const before = this.#told.get(place)
      if (before !== undefined && before !== hash)
        this.#twice.push(`${digest} tells another snapshot of ${fold} than the one before: it was changed`)
      this.#told.set(place, hash)
    }
    this.#newest = { digest, snapshots }
  }

  report(): { readonly problems: readonly string[]; readonly unproven: readonly string[] } {
    const { kept } = this
    if (!kept || kept.length === 0) return { problems: [...this.#twice, ...this.#missing()], unproven: [] }
    if (!this.#newest)
      return {
        problems: [],
        unproven: [
          `no digest tells the snapshots (${kept.map(({ fold }) => fold).join(', ')}), which stand for what was trimmed: nothing shows whether they were changed`,
        ],
      }
    const changed = kept.filter((snapshot) => this.#told.get(placeOf(snapshot)) !== snapshot.hash)
    const since = changed.filter((snapshot) => this.#isSince(snapshot))
    const problems = [
      ...this.#twice,
      ...this.#missing(),
      ...changed
        .filter((snapshot) => !since.includes(snapshot))
        .map(({ fold }) => `no digest tells the snapshot of ${fold} as it is here: it was changed`),
    ]
    if (this.whole) return { problems: [...problems, ...since.map(({ fold }) => untold(fold))], unproven: [] }
    return {
      problems,
      unproven: since.map(
        ({ fold }) =>
          `the snapshot of ${fold} was kept since the newest digest: nothing shows yet whether it was changed`,
      ),
    }
  }

  /** Whether a snapshot that no digest tells may simply be newer than they are. */
  #isSince(snapshot: SnapshotProof): boolean {
    if (this.#told.has(placeOf(snapshot))) return false
    const { fold, format, position } = snapshot
    const told = this.#newest!.snapshots[fold]
    return told?.format !== format || Number(position) > Number(told.position)
  }

  /** No snapshot ever goes. */
  #missing(): string[] {
    if (!this.kept || !this.#newest) return []
    const { digest, snapshots } = this.#newest
    const folds = new Set(this.kept.map(({ fold }) => fold))
    return Object.keys(snapshots)
      .filter((fold) => !folds.has(fold))
      .map((fold) => `${digest} tells a snapshot of ${fold}, here is none: it was removed`)
  }
}
