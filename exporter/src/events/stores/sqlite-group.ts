import type { ChainedRow } from '../chain.js'
import type { AppendAnswer, AppendGroup, WantedHead } from '../group-writer.js'
import type { Fence } from '../log.js'
import { Piece, readAnswers } from './sqlite-appends.js'
import type { SqliteThread } from './sqlite-thread.js'

/** Events of a piece: what one statement takes. */
const PIECE = 25

/** Appends that share a commit. The worker begins to write them while the last of them are still hashed. */
export class SqliteGroup implements AppendGroup {
  #piece = new Piece()

  /**
   * @param thread the worker, if it has the file open
   * @param open waits until it has
   */
  constructor(
    private readonly thread: SqliteThread | undefined,
    private readonly open: () => Promise<SqliteThread>,
  ) {}

  append(fence: Fence | undefined, heads: readonly WantedHead[]): void {
    this.#sendFull()
    this.#piece.append(fence, heads)
  }

  event(row: ChainedRow): void {
    this.#sendFull()
    this.#piece.event(row)
  }

  async commit(): Promise<AppendAnswer[]> {
    const thread = this.thread ?? (await this.open())
    return readAnswers(await thread.request('append', this.#piece.flat))
  }

  abandon(): void {
    this.thread?.abandon()
  }

  #sendFull(): void {
    if (!this.thread || this.#piece.events < PIECE) return
    this.thread.send(this.#piece.flat)
    this.#piece = new Piece()
  }
}
