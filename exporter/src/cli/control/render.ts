import Table from 'cli-table3'
import type { z } from 'zod'
import type { planAnswer } from '../../contract/api.js'
import { TYPE_PREFIX, type StoredEvent } from '../../contract/events.js'
import type { Change, Operation } from '../../contract/operations.js'
import { harmless } from './terminal.js'

type Plan = z.output<typeof planAnswer>

/** A plan for people: what it would change, where, what to look out for. */
export function renderPlan({
  id,
  kind,
  cluster,
  state,
  hash,
  expiresAt,
  changes,
  counts: counted = {},
  warnings = [],
  refused,
  stale,
  operation,
}: Plan): string {
  const until =
    state === 'ready' && expiresAt !== undefined ? `, may be run until ${shortTime(expiresAt)}` : ''
  const stands = operation === undefined ? `is ${state}${until}` : `was run: the operation is ${operation}`
  const counts = Object.entries(counted).map(([name, count]) => `${count} ${name}`)
  return lines(
    `plan ${id}: ${kind} on ${cluster} ${stands}`,
    hash !== undefined && `hash ${hash}`,
    changes && renderChanges(changes),
    counts.length > 0 && counts.join(', '),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(refused ?? []).map(
      ({ node, reason, todo }) => `refused: ${node === undefined ? '' : `${node}: `}${reason}\n  -> ${todo}`,
    ),
    ...(stale?.difference ?? []).map((difference) => `changed since: ${difference}`),
    stale && `fresh plan: ${stale.freshPlan}`,
  )
}

/** The difference, a line a value. */
export function renderChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'nothing to change'
  const rows = changes.map(({ node, role, shard, parameter, from, to }) => [
    node,
    role,
    shard.slice(0, 8),
    parameter,
    from,
    '->',
    to,
  ])
  return table(['node', 'role', 'shard', 'parameter', 'from', '', 'to'], rows)
}

/** An operation for people. */
export function renderOperation({
  id,
  kind,
  cluster,
  state,
  summary,
  progress,
  gates,
  nodes,
}: Operation): string {
  return lines(
    `operation ${id}: ${kind} on ${cluster} is ${state}, ${progress.done} of ${progress.total} done`,
    summary,
    ...gates.map((gate) => `waits: ${gate}`),
    nodes.length > 0 &&
      table(
        ['node', 'outcome', 'note'],
        nodes.map(({ node, outcome, note }) => [node, outcome, note]),
      ),
  )
}

export function renderOperations(operations: readonly Operation[]): string {
  if (operations.length === 0) return 'no operations'
  return table(
    ['operation', 'kind', 'cluster', 'state', 'done', 'started', 'by', 'summary'],
    operations.map(({ id, kind, cluster, state, progress, startedAt, by, summary }) => [
      id,
      kind,
      cluster,
      state,
      `${progress.done}/${progress.total}`,
      shortTime(startedAt),
      by.claimedUser === undefined ? by.token : `${by.token} (${by.claimedUser})`,
      summary,
    ]),
  )
}

const LONGEST_VALUE = 80

/** An event in a line: when, what, where, its payload. */
export function renderEvent({ time, type, subject, data }: StoredEvent): string {
  const values = Object.entries((data ?? {}) as Record<string, unknown>).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `${name}=${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}`
  })
  const name = type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : type
  const line = `${shortTime(time)}  ${name.padEnd(26)} ${subject}  ${values.join(' ')}`
  return harmless(line).replaceAll('\n', ' ')
}

/** `2026-11-22 12:00:00Z` */
export function shortTime(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')}Z`
}

function table(head: string[], rows: string[][]): string {
  const made = new Table({ head, style: { head: [], border: [], compact: true } })
  made.push(...rows.map((row) => row.map((cell) => harmless(cell))))
  return made.toString()
}

function lines(...parts: (string | false | undefined)[]): string {
  return harmless(parts.filter((part) => part !== undefined && part !== false && part !== '').join('\n'))
}
