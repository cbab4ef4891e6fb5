import { performance } from 'node:perf_hooks'
import { DIGEST_TYPE, draftDigest, isDigestDue } from '../draft.js'
import { LogUnavailable } from '../log.js'
import { isTold, tellSnapshots, type ToldSnapshots } from '../snapshots.js'
import { HEADS, pairs, parseHead, SNAPSHOTS, toEvent, type Entry } from './redis-streams-keys.js'
import { Moved } from './redis-streams-link.js'
import { HEADS_OF_ALL } from './redis-streams-scripts.js'
import { placesOf, proofsOf } from './redis-streams-snapshots.js'
import type { LogParts } from './redis-streams-trim.js'

/** How often a digest is made anew because other processes append between, and for how long this one waits with its own. */
const [TRIES, HOLD_MS] = [20, 2000]

/**
 * Appends a digest with the heads at its place: where somebody appends between, it is made anew, while this process's own
 * appends wait.
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
  /** Answers nothing where events came between. */
  const attempt = async (): Promise<ToldSnapshots | undefined> => {
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
    const heads = new Map(pairs(flat).map(([stream, head]) => [stream, parseHead(head)]))
    try {
      await writer.append([draftDigest(heads, changed, author, snapshots)], undefined, { last: Number(last) })
      return snapshots ?? told
    } catch (error) {
      if (!(error instanceof Moved)) throw error
      return undefined
    }
  }
  const attempts = async (): Promise<ToldSnapshots | undefined> => {
    const end = performance.now() + HOLD_MS
    let done: ToldSnapshots | undefined
    for (let tries = 0; !done && tries < TRIES && performance.now() < end; tries++) done = await attempt()
    return done
  }
  const done = (await attempt()) ?? (await writer.hold(attempts))
  if (done) return done
  throw new LogUnavailable(
    `event log ${link.name}: no digest: other processes append without pause; the next one is tried later`,
  )
}
