import { hash } from 'node:crypto'
import type { EventData } from '../contract/events.js'

/** What a digest tells of the snapshots that the log had then, by fold. */
export type ToldSnapshots = NonNullable<EventData<'log.digest'>['snapshots']>

/** The place of a snapshot: whatever stands there is never replaced by another of the same place. */
export interface SnapshotPlace {
  readonly fold: string
  readonly format: number
  readonly position: string
}

/** A snapshot that is to be checked. */
export interface SnapshotProof extends SnapshotPlace {
  readonly hash: string
}

/**
 * A snapshot as a line of a backup. Its hash is taken of this text in UTF-8, so that whoever has the file can check it.
 * @param state JSON, as JSON.stringify writes it
 */
export function snapshotLine({ fold, format, position }: SnapshotPlace, state: string): string {
  return `{"snapshot":{"fold":${JSON.stringify(fold)},"format":${format},"position":"${position}","state":${state}}}`
}

/** @param line see snapshotLine */
export const hashOfLine = (line: string): string => hash('sha256', line)

export const hashOfSnapshot = (place: SnapshotPlace, state: string): string =>
  hashOfLine(snapshotLine(place, state))

/** Whether the snapshot of this place is among those that were told. */
export function isTold({ fold, format, position }: SnapshotPlace, told: ToldSnapshots): boolean {
  const known = Object.hasOwn(told, fold) ? told[fold] : undefined
  return known?.format === format && known.position === position
}

/**
 * What a digest tells of snapshots: nothing where this process told them all before.
 * @param told by this process
 * @param fresh those of `kept` that it has not told yet, as they are now
 * @param all those that were told, too
 */
export function tellSnapshots(
  kept: readonly SnapshotPlace[],
  told: ToldSnapshots,
  fresh: readonly SnapshotProof[],
  all: boolean,
): ToldSnapshots | undefined {
  if (kept.length === 0 || (!all && fresh.length === 0)) return undefined
  return {
    ...told,
    ...Object.fromEntries(
      fresh.map(({ fold, format, position, hash }) => [fold, { format, position, hash }]),
    ),
  }
}
