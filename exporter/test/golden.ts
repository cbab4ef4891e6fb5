import { readdirSync, readFileSync } from 'node:fs'
import { AnsweredReading } from '../src/redis/answered-reading.js'
import { FrameReader } from '../src/redis/frames.js'
import type { NodeTexts } from '../src/redis/node-texts.js'
import type { Replies } from '../src/redis/replies.js'

/** Replies of real servers, recorded by stack/src/record.ts. */
const golden = new URL('golden/', import.meta.url)

export const goldenEngines = ['redis-7.0', 'redis-8', 'valkey-9'] as const
/** Those that a node of every engine was recorded in; a Sentinel is no such node. */
export const goldenRoles = ['primary', 'replica', 'standalone'] as const

/** The recorded replies of a node, by reading: `NAME.resp`, and `NAME~WHAT~OF.resp` for what an earlier reply named. */
export function goldenReplies(engine: string, role: string): Map<string, Replies> {
  const dir = new URL(`${engine}/${role}/`, golden)
  const replies = new Map<string, Replies>()
  for (const file of readdirSync(dir).sort()) {
    const [name, what, of] = file.replace(/\.resp$/, '').split('~')
    if (!file.endsWith('.resp')) continue
    const frames = new FrameReader().push(readFileSync(new URL(file, dir)))
    const { more = [], ...known } = replies.get(name!) ?? { frames: [] }
    replies.set(
      name!,
      what === undefined
        ? { frames, more }
        : {
            ...known,
            more: [...more, { of: of!, command: [name!.toUpperCase(), what, of!], frame: frames[0]! }],
          },
    )
  }
  return replies
}

/** @param texts which the reader of a node keeps */
export function goldenReading(
  replies: ReadonlyMap<string, Replies>,
  durationSeconds = 0.002,
  texts?: NodeTexts,
): AnsweredReading {
  return new AnsweredReading(replies, { connectSeconds: 0.001, durationSeconds, at: 1_800_000_000 }, texts)
}
