import type { z } from 'zod'
import type { planAnswer } from '../../contract/api.js'
import type { StoredEvent } from '../../contract/events.js'
import type { Change, Comparison, Measurement, NodeProgress, Operation } from '../../contract/operations.js'
import { duration, figures, count, size } from './figures.js'
import { renderRate } from './rate.js'
import { renderEvictKeysPlan } from './render-evict-keys.js'
import { renderWarmupPlan } from './render-warmup.js'
import { nameOf, sentenceOf } from './sentences.js'
import { table } from './table.js'
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
  blockers = [],
  refused,
  stale,
  operation,
  estimateSeconds = 0,
  keyPrefixes,
  details,
  sample = [],
  sampleWithheld,
}: Plan): string {
  const until =
    state === 'ready' && expiresAt !== undefined ? `, may be run until ${shortTime(expiresAt)}` : ''
  const stands = operation === undefined ? `is ${state}${until}` : `was run: the operation is ${operation}`
  return lines(
    `plan ${id}: ${kind} on ${cluster} ${stands}`,
    hash !== undefined && `hash ${hash}`,
    keyPrefixes && `only keys that start with ${keyPrefixes.join(' or ')}`,
    // A kind that works on keys lists no values that it changes.
    changes && (changes.length > 0 || !('keys' in counted)) && renderChanges(changes),
    // The details of evict-keys say them with their bounds.
    (kind !== 'evict-keys' || !details) && figures(counted),
    estimateSeconds > 0 && `takes about ${duration(estimateSeconds)}`,
    kind === 'warmup' && details && renderWarmupPlan(details, sample),
    kind === 'evict-keys' && details && renderEvictKeysPlan(details, sample),
    sampleWithheld && "the sample needs a token with the kind's scope and for these keys",
    ...warnings.map((warning) => `warning: ${warning}`),
    ...blockers.map(
      ({ check, node, reason, todo }) =>
        `blocked by ${check}: ${node === undefined ? '' : `${node}: `}${reason}\n  -> ${todo}`,
    ),
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
  timeline,
  nodes,
  rate,
  etaSeconds,
  counts,
  before,
  after,
  comparison,
}: Operation): string {
  const measured = nodes.some((node) => node.counts !== undefined || node.total !== undefined)
  return lines(
    `operation ${id}: ${kind} on ${cluster} is ${state}, ${count(progress.done)} of ${count(progress.total)} done${etaSeconds === undefined ? '' : `, ${duration(etaSeconds)} left`}`,
    summary,
    ...gates.map((gate) => `waits: ${gate}`),
    // Whoever pauses leaves no gate.
    state === 'paused' &&
      gates.length === 0 &&
      timeline.findLast(({ type }) => type === 'operation.paused')?.text,
    rate && `at most ${renderRate(rate)}`,
    counts && figures(some(counts)),
    nodes.length > 0 &&
      table(
        ['node', 'outcome', ...(measured ? ['done', 'counts'] : []), 'note'],
        nodes.map((node) => [
          node.node,
          node.outcome,
          ...(measured ? [renderDone(node), figures(some(node.counts ?? {}))] : []),
          node.note,
        ]),
      ),
    before && `before: ${renderMeasurement(before)}`,
    after && `after:  ${renderMeasurement(after)}`,
    comparison && renderComparison(kind, comparison),
    ...(comparison?.examples ?? []).map((example) => `  ${example}`),
  )
}

/** What happened to an operation, a line each. */
export function renderTimeline({ timeline }: Operation): string {
  return lines(...timeline.map(({ time, text }) => `${shortTime(time)}  ${text}`))
}

function renderComparison(kind: string, { checked, same, different, missing, gone }: Comparison): string {
  if (kind === 'evict-keys')
    return `looked again at ${count(checked)} that were left out: ${count(same)} there, ${count(missing)} missing, ${count(gone)} expired or evicted`
  return `compared ${count(checked)} with the source: ${count(same)} same, ${count(different)} different, ${count(missing)} missing`
}

function renderDone({ done = 0, total }: NodeProgress): string {
  return total === undefined ? '' : `${count(done)}/${count(total)}`
}

/** Counts that are not zero. */
function some(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, number]) => number !== 0))
}

const MEASURED: Readonly<Record<string, (number: number) => string>> = {
  keys: (number) => `${count(number)} keys`,
  usedMemoryBytes: (number) => `${size(number)} used`,
  evictedKeys: (number) => `${count(number)} evicted`,
  matching: (number) => `${count(number)} match`,
}

/** Without hits and misses: what the run itself looked up is among them. */
function renderMeasurement(values: Measurement): string {
  return Object.entries(MEASURED)
    .flatMap(([name, told]) => (name in values ? told(values[name]!) : []))
    .join(', ')
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
      `${count(progress.done)}/${count(progress.total)}`,
      shortTime(startedAt),
      by.claimedUser === undefined ? by.token : `${by.token} (${by.claimedUser})`,
      summary,
    ]),
  )
}

const LONGEST_VALUE = 80

/** An event in a line: when, what, where, and a sentence; its payload where this version has none for it. */
export function renderEvent(event: StoredEvent): string {
  const { time, subject, data } = event
  const said = sentenceOf(event) ?? payload(data)
  return harmless(`${shortTime(time)}  ${nameOf(event).padEnd(26)} ${subject}  ${said}`).replaceAll('\n', ' ')
}

function payload(data: unknown): string {
  const values = Object.entries((data ?? {}) as Record<string, unknown>).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `${name}=${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}`
  })
  return values.join(' ')
}

/** `2026-11-22 12:00:00Z` */
export function shortTime(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')}Z`
}

function lines(...parts: (string | false | undefined)[]): string {
  return harmless(parts.filter((part) => part !== undefined && part !== false && part !== '').join('\n'))
}
