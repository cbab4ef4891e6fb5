import Table from 'cli-table3'
import { harmless } from './terminal.js'

/** A column is made no narrower; with its padding. */
const NARROWEST = 6

/**
 * A table for people; cells of others are made harmless.
 * @param columns how wide it may be: cells of the widest columns are wrapped; any where nobody looks
 */
export function table(
  head: string[],
  rows: string[][],
  columns = process.stdout.isTTY ? process.stdout.columns : Infinity,
): string {
  const cells = rows.map((row) => row.map((cell) => harmless(cell)))
  const colWidths = widths([head, ...cells], columns)
  const made = new Table({
    head,
    style: { head: [], border: [], compact: true },
    ...(colWidths && { colWidths, wordWrap: true, wrapOnWordBoundary: false }),
  })
  made.push(...cells)
  return made.toString()
}

/** @returns undefined where everything fits */
function widths(rows: readonly string[][], columns: number): number[] | undefined {
  const lengthOf = (cell: string) => Math.max(...cell.split('\n').map((line) => line.length))
  const all = rows[0]!.map((_, i) => 2 + Math.max(...rows.map((row) => lengthOf(row[i]!))))
  let over = all.reduce((sum, width) => sum + width, all.length + 1) - columns
  if (over <= 0) return undefined
  for (; over > 0; over--) {
    const widest = Math.max(...all)
    if (widest <= NARROWEST) break
    all[all.indexOf(widest)] = widest - 1
  }
  return all
}
