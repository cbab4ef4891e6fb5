import { hashOfSnapshot, type SnapshotPlace, type SnapshotProof } from '../snapshots.js'
import { pairs, SNAPSHOTS, STATES } from './redis-streams-keys.js'
import type { StreamsLink } from './redis-streams-link.js'
import { LOAD } from './redis-streams-scripts.js'

/** A snapshot with its state as JSON. */
interface Loaded extends SnapshotPlace {
  readonly state: string
}

/** Of what HGETALL answers. */
export function placesOf(flat: readonly string[]): SnapshotPlace[] {
  return pairs(flat).map(([fold, kept]) => {
    const [format, position] = kept.split(' ')
    return { fold, format: Number(format), position: position! }
  })
}

/** The newest snapshot of a fold, if it has one. @throws LogUnavailable */
export async function loadSnapshot(link: StreamsLink, fold: string): Promise<Loaded | undefined> {
  const answer = await link.read('reading', LOAD, [SNAPSHOTS, STATES], [fold])
  const [kept, state] = answer as (string | null)[]
  if (kept == null || state == null) return undefined
  return { ...placesOf([fold, kept])[0]!, state }
}

/** What is there of these folds now, to be checked. @throws LogUnavailable */
export async function proofsOf(link: StreamsLink, folds: readonly string[]): Promise<SnapshotProof[]> {
  const proofs: SnapshotProof[] = []
  // One after the other: each may be large.
  for (const fold of folds) {
    const loaded = await loadSnapshot(link, fold)
    if (!loaded) continue
    const { state, ...place } = loaded
    proofs.push({ ...place, hash: hashOfSnapshot(place, state) })
  }
  return proofs
}
