import type { ChainedRow, Head } from '../chain.js'
import type { AppendAnswer, WantedHead } from '../group-writer.js'
import type { Fence } from '../log.js'

/**
 * How appends and their answers go from thread to thread: as one list, for to hand over objects takes several times as
 * long; and the appends of a group in pieces, so that the worker writes the first while the next one is hashed.
 */
export type Flat = (string | number)[]

/** The beginning of an append. The runs behind it are its events. */
export interface FlatAppend {
  readonly fence: Fence | undefined
  readonly heads: readonly WantedHead[]
}

/** Events of one type that follow each other in a stream, from one source at one time. */
export interface Run {
  readonly stream: string
  /** Version of the first, and the hash of the event before it. */
  readonly version: number
  readonly previoushash: string
  readonly source: string
  readonly type: string
  readonly time: string
  /** VALUES of each: id, data, hash. */
  readonly values: readonly (string | number)[]
}

export type FlatItem = FlatAppend | Run

/** Appends that share a commit. */
export interface FlatGroup {
  readonly first: readonly FlatItem[]
  /** The other pieces; each is taken when the one before is written. */
  readonly rest: Iterable<readonly FlatItem[]>
}

export const VALUES = 3

/** Stands for the version of a head that is only asked for. */
const UNKNOWN = -1
/** What comes next: an append, or a run; or that all of the group is to be forgotten. */
const [APPEND, RUN, FORGET] = [0, 1, 2] as const
export const ABANDONED: Flat = [FORGET]
/** What an answer is. */
const [FIRST, TOKEN, HEADS] = [0, 1, 2] as const

/** Makes a piece. */
export class Piece {
  readonly flat: Flat = []
  events = 0
  /** The newest event, and where the length of its run stands. */
  #newest: ChainedRow | undefined
  #length = 0

  append(fence: Fence | undefined, heads: readonly WantedHead[]): void {
    this.#newest = undefined
    this.flat.push(APPEND, fence?.lease ?? '', fence?.token ?? 0, heads.length)
    for (const { stream, head } of heads) this.flat.push(stream, head?.version ?? UNKNOWN, head?.hash ?? '')
  }

  event(row: ChainedRow): void {
    const { stream, version, previoushash, source, id, type, time, data, hash } = row
    if (!this.#newest || !follows(row, this.#newest))
      this.#length = this.flat.push(RUN, stream, version, previoushash, source, type, time, 0) - 1
    this.flat.push(id, data, hash)
    this.flat[this.#length] = (this.flat[this.#length] as number) + VALUES
    this.#newest = row
    this.events++
  }
}

function follows(row: ChainedRow, before: ChainedRow): boolean {
  return (
    row.stream === before.stream &&
    row.version === before.version + 1 &&
    row.source === before.source &&
    row.type === before.type &&
    row.time === before.time &&
    row.previoushash === before.hash
  )
}

/** What stands in a piece. @throws where the group was abandoned */
export function readPiece(flat: Flat): FlatItem[] {
  const items: FlatItem[] = []
  let at = 0
  const text = () => flat[at++] as string
  const number = () => flat[at++] as number
  const wanted = (): WantedHead => {
    const [stream, version, hash] = [text(), number(), text()]
    return { stream, head: version === UNKNOWN ? undefined : { version, hash } }
  }
  while (at < flat.length) {
    const what = number()
    if (what === FORGET) throw new Error('abandoned')
    if (what === APPEND) {
      const [lease, token, heads] = [text(), number(), number()]
      const fence = lease === '' ? undefined : { lease, token }
      items.push({ fence, heads: Array.from({ length: heads }, wanted) })
    } else {
      const [stream, version, previoushash] = [text(), number(), text()]
      const [source, type, time, length] = [text(), text(), text(), number()]
      const values = flat.slice(at, at + length)
      items.push({ stream, version, previoushash, source, type, time, values })
      at += length
    }
  }
  return items
}

/** Answers as one list. */
export function flatAnswers(answers: readonly AppendAnswer[]): Flat {
  return answers.flatMap((answer) => {
    if ('first' in answer) return [FIRST, answer.first]
    if ('token' in answer) return [TOKEN, answer.token]
    return [HEADS, answer.heads.length, ...answer.heads.flatMap(({ version, hash }) => [version, hash])]
  })
}

/** What `flatAnswers` made one list of. */
export function readAnswers(flat: Flat): AppendAnswer[] {
  const answers: AppendAnswer[] = []
  for (let at = 0; at < flat.length;) {
    const [kind, value] = [flat[at], flat[at + 1] as number]
    at += 2
    if (kind === FIRST) answers.push({ first: value })
    else if (kind === TOKEN) answers.push({ token: value })
    else {
      const heads: Head[] = []
      for (const end = at + 2 * value; at < end; at += 2)
        heads.push({ version: flat[at] as number, hash: flat[at + 1] as string })
      answers.push({ heads })
    }
  }
  return answers
}
