import { DIGEST_TYPE, draftDigest, isDigestDue } from '../draft.js'
import { LogUnavailable } from '../log.js'
import { isTold, tellSnapshots, type ToldSnapshots } from '../snapshots.js'
import { HEADS, pairs, parseHead, SNAPSHOTS, toEvent, type Entry } from './redis-streams-keys.js'
import { Moved } from './redis-streams-link.js'
import { HEADS_OF_ALL } from './redis-streams-scripts.js'
import { placesOf, proofsOf } from './redis-streams-snapshots.js'
import type { LogParts } from './redis-streams-trim.js'

/** How often a digest is made anew because events came between. */
const TRIES = 50

/**
 * Appends a digest with the heads at its place: where another process appends between, it is made anew.
 * @param all also when nothing but snapshots is new
 * @returns the snapshots that this process has told by now
 */
export async function digestLog(
  { link, reader, writer, author, told }: LogParts & { readonly told: ToldSnapshots },
  all: boolean,
): Promise<ToldSnapshots> {
  const changed = new Set<string>()
  let cursor = (await reader.newest(DIGEST_TYPE))?.position ?? ''
  const readOn = async (last: number) => {
    for (let done = false; !done && Number(cursor) < last;) {
      const chunk = await reader.log({ after: cursor })
      for (const { subject } of chunk.events) changed.add(subject)
      ;({ cursor, done } = chunk)
    }
  }
  for (let tries = 0; tries < TRIES; tries++) {
    // Most of it before the heads are asked for: what comes between them and the digest makes it fail. No further than
    // there is now: others may append sooner than this reads.
    await readOn(Number((await reader.ends()).last))
    const answer = await link.read('reading', HEADS_OF_ALL, [HEADS, SNAPSHOTS])
    const [last, trimmed, [newest], flat, places] = answer as [string, string, Entry[], string[], string[]]
    const kept = trimmed === '0' ? [] : placesOf(places)
    if (newest === undefined || !isDigestDue(toEvent(newest), kept, all)) return told
    const untold = kept.filter((place) => !isTold(place, told)).map(({ fold }) => fold)
    const snapshots = tellSnapshots(kept, told, await proofsOf(link, untold), all)
    await readOn(Number(last))
    try {
      const digest = draftDigest(
        new Map(pairs(flat).map(([stream, head]) => [stream, parseHead(head)])),
        changed,
        author,
        snapshots,
      )
      await writer.append([digest], undefined, { last: Number(last) })
      return snapshots ?? told
    } catch (error) {
      if (!(error instanceof Moved)) throw error
    }
  }
  throw new LogUnavailable(
    `event log ${link.name}: no digest: events are appended without pause; the next one is tried later`,
  )
}
