import { cpus, release, totalmem } from 'node:os'
import Table from 'cli-table3'
import type { Report, Row } from './suite.js'

/** What the figures were measured on. */
export function machine(): string {
  const [cpu, ...others] = cpus()
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${others.length + 1} x ${cpu?.model ?? 'unknown CPU'}, ${gigabytes} GB, Linux ${release()}, Node ${process.version}`
}

/** A report as a table for a terminal 120 columns wide or more. */
export function renderReport({ title, programs, rows }: Report): string {
  const table = new Table({
    head: ['', ...programs, 'target', 'reached'],
    style: { head: [], border: [] },
  })
  for (const row of rows)
    table.push([row.what, ...programs.map((name) => row.values[name] ?? ''), row.target ?? '', verdict(row)])
  return `${title}\n${table.toString()}`
}

function verdict({ reached, met }: Row): string {
  if (met === undefined) return reached ?? ''
  return `${reached ?? ''}${met ? '  met' : '  MISSED'}`
}
