import { chain, NO_HEAD, type DraftAppend, type Head } from '../chain.js'
import { DIGEST_STREAM } from '../draft.js'
import type { AppendAnswer } from '../group-writer.js'
import { Piece, readPiece, type FlatAppend, type FlatGroup, type FlatItem } from './sqlite-appends.js'
import { SqliteBlocks } from './sqlite-blocks.js'
import type { SqliteFile } from './sqlite-file.js'
import { insertRun } from './sqlite-insert.js'
import type { SqliteLeases } from './sqlite-leases.js'

/** Streams whose heads are remembered; those that were appended to lately. */
const MOST_HEADS = 1000

/** The end of a SQLite log, where events are added. All methods are synchronous. */
export class SqliteAppender {
  /** Position of the newest event. */
  last: number
  /** Hash of the newest digest; empty when there is none. */
  lastDigest: string
  /** Nobody else writes to the file while this thread has it. */
  readonly #recentHeads = new Map<string, Head>()

  /** @param cutHead the head that a stream had where the log was trimmed */
  constructor(
    private readonly file: SqliteFile,
    private readonly leases: SqliteLeases,
    private readonly blocks: SqliteBlocks,
    private readonly cutHead: (stream: string) => Head | undefined,
  ) {
    const [newest] = file.query<{ last: number | null }>('SELECT max(position) AS last FROM events')
    this.last = newest?.last ?? 0
    this.lastDigest = this.headOf(DIGEST_STREAM).hash
  }

  /**
   * Appends in one transaction, each append all or nothing on its own; durable when this returns.
   * @returns what became of each append
   */
  append({ first, rest }: FlatGroup): AppendAnswer[] {
    const heads = new Map<string, Head>()
    const headOf = (stream: string) => heads.get(stream) ?? this.headOf(stream)
    let last = this.last
    const answers: AppendAnswer[] = []
    const take = (item: FlatItem) => {
      if ('heads' in item) {
        answers.push(this.#obstacle(item, headOf) ?? { first: last + 1 })
      } else if ('first' in answers.at(-1)!) {
        const count = insertRun(this.file, this.blocks, item, last + 1)
        last += count
        heads.set(item.stream, { version: item.version + count - 1, hash: item.values.at(-1) as string })
      }
    }
    const takeAll = () => {
      first.forEach(take)
      for (const piece of rest) piece.forEach(take)
    }
    // Who only asks for heads costs no commit; these fill no piece.
    if (first.some((item) => 'values' in item)) this.#write(takeAll)
    else takeAll()
    this.last = last
    this.lastDigest = heads.get(DIGEST_STREAM)?.hash ?? this.lastDigest
    for (const [stream, head] of heads) this.#remember(stream, head)
    return answers
  }

  /** What is in the way of an append. All is checked before its first row is written. */
  #obstacle({ fence, heads }: FlatAppend, headOf: (stream: string) => Head): AppendAnswer | undefined {
    const token = fence && this.leases.tokenOf(fence.lease)
    if (fence && token !== fence.token) return { token: token! }
    if (heads.every(({ stream, head }) => head && isSame(head, headOf(stream)))) return undefined
    return { heads: heads.map(({ stream }) => headOf(stream)) }
  }

  /** Appends what this thread itself has to say. */
  tell(append: DraftAppend): void {
    const piece = new Piece()
    piece.append(undefined, [])
    for (const row of chain([append], (stream) => this.headOf(stream)).rows) piece.event(row)
    this.append({ first: readPiece(piece.flat), rest: [] })
  }

  /** In one transaction. */
  #write<T>(work: () => T): T {
    try {
      return this.file.transaction(work)
    } catch (error) {
      this.blocks.forget()
      throw error
    }
  }

  #remember(stream: string, head: Head): void {
    this.#recentHeads.delete(stream)
    this.#recentHeads.set(stream, head)
    if (this.#recentHeads.size > MOST_HEADS) this.#recentHeads.delete(this.#recentHeads.keys().next().value!)
  }

  headOf(stream: string): Head {
    const recent = this.#recentHeads.get(stream)
    if (recent) return recent
    const [head] = this.file.query<Head>(
      'SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1',
      stream,
    )
    return head ?? this.cutHead(stream) ?? NO_HEAD
  }
}

const isSame = (one: Head, other: Head) => one.version === other.version && one.hash === other.hash
