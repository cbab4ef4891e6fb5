import { VALUES, type Run } from './sqlite-appends.js'
import type { SqliteBlocks } from './sqlite-blocks.js'
import type { SqliteFile } from './sqlite-file.js'

/** How many events a statement takes: a few sizes, for each is prepared once and kept. */
const SIZES = [25, 5, 1] as const

/** Parameters before those of the events. The last of them is the previous hash of the first event. */
const SHARED = 7

/**
 * A statement for so many events of a run: 1 the position of the first, 2 stream, 3 version of the first, 4 source,
 * 5 type, 6 time, 7 previous hash of the first; then id, data and hash of each.
 */
const STATEMENTS = new Map(
  SIZES.map((size) => {
    const rows = Array.from({ length: size }, (_, n) => {
      const [previoushash, id, data, hash] = [0, 1, 2, 3].map((k) => `?${SHARED + VALUES * n + k}`)
      return `(?1 + ${n}, ?2, ?3 + ${n}, ${id}, ?4, ?5, ?6, ${data}, ${previoushash}, ${hash})`
    })
    return [size, `INSERT INTO events VALUES ${rows.join(', ')}`]
  }),
)

/**
 * Writes events. To hand values over to the driver takes longer than to write them: what follows from the event before
 * is handed over once for many.
 * @param position of the first; the others follow
 * @returns how many they are
 */
export function insertRun(file: SqliteFile, blocks: SqliteBlocks, run: Run, position: number): number {
  const { stream, version, source, type, time, previoushash, values } = run
  const count = values.length / VALUES
  for (let from = 0; from < count;) {
    const size = SIZES.find((size) => size <= count - from)!
    const previous = from === 0 ? previoushash : values[VALUES * from - 1]
    const parameters = [position + from, stream, version + from, source, type, time, previous]
    for (let at = VALUES * from; at < VALUES * (from + size); at++) parameters.push(values[at])
    file.runAll(STATEMENTS.get(size)!, parameters)
    from += size
  }
  blocks.note(position, position + count - 1, stream, type)
  return count
}
