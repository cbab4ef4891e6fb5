import type { StoredEvent } from '../../contract/events.js'
import type { Author } from '../draft.js'
import type { GroupWriter } from '../group-writer.js'
import type { Trimmed } from '../log.js'
import { CutFinder, draftTrimmed } from '../trim.js'
import type { Condition } from './redis-streams-append.js'
import { indexKeys, LOG, positionOf, SNAPSHOTS, toEvent, type Entry } from './redis-streams-keys.js'
import { Moved, type StreamsLink } from './redis-streams-link.js'
import type { StreamsReader } from './redis-streams-reader.js'
import { PLACES, REMOVE } from './redis-streams-scripts.js'
import { placesOf } from './redis-streams-snapshots.js'

/** Events that are removed at a time, so that the server is not busy with it for long. */
const CHUNK = 500

/** What a trim and a digest are made with. */
export interface LogParts {
  readonly link: StreamsLink
  readonly reader: StreamsReader
  readonly writer: GroupWriter<Condition>
  readonly author: Author
}

/**
 * Cuts the log: the event that tells the cut and the cut itself are one append. What is cut is not read any more from
 * then on, and is removed piece by piece; what a process that ended left of it, the next trim removes.
 */
export async function trimLog(parts: LogParts, beforeMs: number): Promise<Trimmed> {
  const { link, reader, writer, author } = parts
  for (;;) {
    const { trimmed } = await reader.ends()
    await remove(link, trimmed)
    const found = await findCut(parts, beforeMs)
    if (!found) return { events: 0, through: undefined }
    const to = Number(found.through)
    try {
      await writer.append([draftTrimmed(found, author)], undefined, { trimmed: { from: trimmed, to } })
    } catch (error) {
      // Another process has cut it meanwhile.
      if (error instanceof Moved) continue
      throw error
    }
    await remove(link, to)
    return { events: found.events, through: found.through }
  }
}

async function findCut({ link, reader }: LogParts, beforeMs: number): Promise<CutFinder['found']> {
  const [snapshots] = (await link.read('reading', PLACES, [SNAPSHOTS])) as [string[]]
  if (snapshots.length === 0) return undefined
  const covered = Math.min(...placesOf(snapshots).map(({ position }) => Number(position)))
  const finder = new CutFinder(beforeMs, await reader.cut())
  for (let after = ''; ;) {
    const { events, cursor, done } = await reader.log({ after, limit: CHUNK })
    const go = ({ subject: stream, streamversion: version, position, time, hash }: StoredEvent) =>
      Number(position) <= covered && finder.take({ stream, version, position, time, hash })
    if (!events.every(go) || done) return finder.found
    after = cursor
  }
}

/** Removes the events up to a position, and the entries that point to them. */
async function remove(link: StreamsLink, through: number): Promise<void> {
  for (;;) {
    const command = ['XRANGE', LOG, '-', String(through), 'COUNT', String(CHUNK)] as const
    const [entries = []] = (await link.look([[...command]])) as [Entry[] | undefined]
    const newest = entries.at(-1)
    if (!newest) return
    const keys = new Set(
      entries.map(toEvent).flatMap(({ subject: stream, type }) => indexKeys({ stream, type })),
    )
    await link.write('trimming', REMOVE, [...keys], [String(Number(positionOf(newest[0])) + 1)])
  }
}
