import { DIGEST_TYPE, draftDigest } from '../draft.js'
import { LogUnavailable } from '../log.js'
import { HEADS, pairs, parseHead } from './redis-streams-keys.js'
import { Moved } from './redis-streams-link.js'
import { HEADS_OF_ALL } from './redis-streams-scripts.js'
import type { LogParts } from './redis-streams-trim.js'

/** How often a digest is made anew because events came between. */
const TRIES = 50

/** Appends a digest with the heads at its place: where another process appends between, it is made anew. */
export async function digestLog({ link, reader, writer, author }: LogParts): Promise<void> {
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
    // Most of it before the heads are asked for: what comes between them and the digest makes it fail.
    await readOn(Infinity)
    const answer = await link.read('reading', HEADS_OF_ALL, [HEADS])
    const [last, newest, flat] = answer as [string, string, string[]]
    if (newest === '' || newest === DIGEST_TYPE) return
    await readOn(Number(last))
    try {
      const digest = draftDigest(
        new Map(pairs(flat).map(([stream, head]) => [stream, parseHead(head)])),
        changed,
        author,
      )
      await writer.append([digest], undefined, { last: Number(last) })
      return
    } catch (error) {
      if (!(error instanceof Moved)) throw error
    }
  }
  throw new LogUnavailable(
    `event log ${link.name}: no digest: other processes append without pause; the next one is tried later`,
  )
}
