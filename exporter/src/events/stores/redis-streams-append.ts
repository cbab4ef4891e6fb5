import type { ChainedRow, Head } from '../chain.js'
import type { AppendAnswer, AppendGroup, WantedHead } from '../group-writer.js'
import type { Fence } from '../log.js'
import { HEADS, headText, Indexes, LEASES, parseHead } from './redis-streams-keys.js'
import type { StreamsLink } from './redis-streams-link.js'
import { APPEND } from './redis-streams-scripts.js'

/** What must hold, besides versions and lease, for an append that goes by itself; Moved is thrown where it does not. */
export interface Condition {
  /** The last position of the log. */
  readonly last?: number
  /** The log is trimmed up to here, and up to `to` from now on. */
  readonly trimmed?: { readonly from: number; readonly to: number }
}

interface Append {
  readonly fence: Fence | undefined
  readonly heads: readonly WantedHead[]
  readonly rows: ChainedRow[]
}

/** Appends that go in one round trip. */
export class StreamsGroup implements AppendGroup {
  readonly #appends: Append[] = []

  constructor(
    private readonly link: StreamsLink,
    private readonly condition: Condition = {},
  ) {}

  append(fence: Fence | undefined, heads: readonly WantedHead[]): void {
    this.#appends.push({ fence, heads, rows: [] })
  }

  event(row: ChainedRow): void {
    this.#appends.at(-1)!.rows.push(row)
  }

  async commit(): Promise<AppendAnswer[]> {
    const { last = '', trimmed } = this.condition
    const conditions = [last, trimmed?.from ?? '', trimmed?.to ?? ''].map(String)
    const { keys, args } = encode(this.#appends)
    const answers = await this.link.write(
      'appending',
      APPEND,
      [HEADS, LEASES, ...keys],
      [...conditions, ...args],
    )
    return this.#appends.map(({ rows }, i) => {
      const answer = decode(answers[i] as string | string[])
      const newest = rows.at(-1)
      if ('first' in answer && newest) this.link.saw(answer.first + rows.length - 1, newest.hash)
      return answer
    })
  }

  abandon(): void {
    this.#appends.length = 0
  }
}

/** The keys of the indexes; the streams and the appends: see APPEND. */
function encode(appends: readonly Append[]): { keys: string[]; args: string[] } {
  /** Behind meta, log, heads and leases. */
  const indexes = new Indexes(4)
  /** Their places, from 1 on. */
  const streams = new Map<string, number>()
  const placeOf = (stream: string): number => {
    if (!streams.has(stream)) streams.set(stream, streams.size + 1)
    return streams.get(stream)!
  }
  const args: string[] = []
  for (const { fence, heads, rows } of appends) {
    args.push(fence?.lease ?? '', String(fence?.token ?? 0), String(heads.length), String(rows.length))
    const after = new Map<string, Head>(rows.map((row) => [row.stream, row]))
    for (const { stream, head } of heads)
      args.push(String(placeOf(stream)), ...changeOf(head, after.get(stream)))
    for (const row of rows) args.push(...indexes.argumentsOf(row))
  }
  return { keys: indexes.keys, args: [String(streams.size), ...streams.keys(), ...args] }
}

/** The head that a stream must have, and the one that it gets. */
function changeOf(before: Head | undefined, after = before): [string, string] {
  return before && after ? [headText(before), headText(after)] : ['*', '*']
}

function decode(answer: string | readonly string[]): AppendAnswer {
  if (typeof answer === 'string') return { first: Number(answer) }
  const [kind, ...told] = answer
  return kind === 'lease' ? { token: Number(told[0]) } : { heads: told.map(parseHead) }
}
