import type { ChainedRow } from '../chain.js'
import type { SqliteBlocks } from './sqlite-blocks.js'
import type { SqliteFile } from './sqlite-file.js'

/** How many events a statement takes: a few sizes, for each is prepared once and kept. */
const SIZES = [25, 5, 1] as const

/**
 * A statement for so many events of a stream: 1 the position of the first, 2 stream, 3 version of the first, 4 source,
 * 5 previous hash of the first; then id, type, time, data and hash of each.
 */
const STATEMENTS = new Map(
  SIZES.map((size) => {
    const rows = Array.from({ length: size }, (_, n) => {
      const [previoushash, id, type, time, data, hash] = [5, 6, 7, 8, 9, 10].map((k) => `?${5 * n + k}`)
      return `(?1 + ${n}, ?2, ?3 + ${n}, ${id}, ?4, ${type}, ${time}, ${data}, ${previoushash}, ${hash})`
    })
    return [size, `INSERT INTO events VALUES ${rows.join(', ')}`]
  }),
)

/**
 * Writes events. To hand values over to the driver takes longer than to write them: what follows from the event before
 * is handed over once for many.
 * @param position of the first; the others follow
 */
export function insertEvents(
  file: SqliteFile,
  blocks: SqliteBlocks,
  rows: readonly ChainedRow[],
  position: number,
): void {
  rows.forEach(({ stream, type }, i) => blocks.note(position + i, stream, type))
  for (let from = 0; from < rows.length;) {
    const first = rows[from]!
    let end = from + 1
    while (end < rows.length && end < from + SIZES[0] && continues(rows[end]!, rows[end - 1]!)) end++
    const size = SIZES.find((size) => size <= end - from)!
    const { stream, version, source, previoushash } = first
    const parameters: unknown[] = [position + from, stream, version, source, previoushash]
    for (const { id, type, time, data, hash } of rows.slice(from, from + size))
      parameters.push(id, type, time, data, hash)
    file.run(STATEMENTS.get(size)!, ...parameters)
    from += size
  }
}

function continues(row: ChainedRow, before: ChainedRow): boolean {
  return (
    row.stream === before.stream &&
    row.version === before.version + 1 &&
    row.source === before.source &&
    row.previoushash === before.hash
  )
}
