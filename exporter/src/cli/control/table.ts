import Table from 'cli-table3'
import { harmless } from './terminal.js'

/** A table for people; cells of others are made harmless. */
export function table(head: string[], rows: string[][]): string {
  const made = new Table({ head, style: { head: [], border: [], compact: true } })
  made.push(...rows.map((row) => row.map((cell) => harmless(cell))))
  return made.toString()
}
