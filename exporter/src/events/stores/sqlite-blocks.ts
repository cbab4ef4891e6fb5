import { familyOf } from '../positions.js'
import type { SqliteFile } from './sqlite-file.js'
import { BLOCK } from './sqlite-schema.js'

/** `familyOf` a row's stream. */
export const FAMILY = "substr(stream, 1, instr(stream, '/'))"

/** The block that a position is in. */
export const blockOf = (position: number) => Math.floor(position / BLOCK)

/**
 * Which types and families stand in which blocks of positions. A filtered read goes from block to block and looks at the
 * events of each. An index with a row for every event would cost every commit two pages more; of these rows most events
 * find theirs written.
 */
export class SqliteBlocks {
  #block = -1
  /** What is written of that block. */
  readonly #noted = new Set<string>()

  constructor(private readonly file: SqliteFile) {}

  /** Takes note of events that are written in the same transaction, from a position to another. */
  note(first: number, last: number, stream: string, type: string): void {
    const family = familyOf(stream)
    for (let block = blockOf(first); block <= blockOf(last); block++) {
      if (block !== this.#block) this.forget()
      this.#block = block
      this.#noteOne(type)
      if (family !== '') this.#noteOne(family)
    }
  }

  #noteOne(facet: string): void {
    if (this.#noted.has(facet)) return
    this.#noted.add(facet)
    this.file.run('INSERT OR IGNORE INTO blocks VALUES (?, ?)', facet, this.#block)
  }

  /** To be called where a transaction came to nothing. */
  forget(): void {
    this.#block = -1
    this.#noted.clear()
  }

  /** Position of the newest event of a type; 0 where there is none. */
  newest(type: string): number {
    const [found] = this.file.query<{ position: number }>(
      `SELECT events.position FROM ${eventsIn('type = ?')} ORDER BY block DESC, events.position DESC LIMIT 1`,
      type,
      type,
    )
    return found?.position ?? 0
  }

  /** Takes out what stands for events up to a position, all trimmed; some of it may stay. */
  trim(through: number): void {
    this.file.run('DELETE FROM blocks WHERE block < ?', blockOf(through))
  }
}

/**
 * The events of blocks, as FROM and WHERE of a query, to be ordered by block and position.
 * Parameters: the type or family, and those of the conditions.
 */
export function eventsIn(conditions: string): string {
  return (
    `blocks CROSS JOIN events ON events.position BETWEEN block * ${BLOCK} AND block * ${BLOCK} + ${BLOCK - 1} ` +
    `WHERE facet = ? AND ${conditions}`
  )
}
