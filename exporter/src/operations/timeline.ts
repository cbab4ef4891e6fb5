import type { Actor } from '../contract/actor.js'
import type { EventData } from '../contract/events.js'
import type { Operation, Rate } from '../contract/operations.js'
import { count } from './figures.js'
import { FROZEN, type Run, type Typed } from './record.js'

type Timeline = Operation['timeline']

/** A run that holds itself up again and again would fill the timeline; the log has every event. */
const FIRST_LINES = 50
const LAST_LINES = 250

/** The timeline with one more line; an empty text is none. */
export function withLine(timeline: Timeline, time: string, type: string, text: string): Timeline {
  if (text === '') return timeline
  const lines = [...timeline, { time, type, text }]
  return lines.length <= FIRST_LINES + LAST_LINES
    ? lines
    : [...lines.slice(0, FIRST_LINES), ...lines.slice(-LAST_LINES)]
}

/**
 * An event as a line of the timeline; empty for what is shown elsewhere, as progress is.
 * @param run as it was before the event
 */
export function tell({ name, data }: Typed, run: Run | undefined): string {
  switch (name) {
    case 'plan.requested':
      return `planned by ${nameOf(data.by)}`
    case 'plan.ready':
      return `plan ready: ${countsIn(data.body)}`
    case 'plan.refused':
      return `plan refused: ${data.problems.map(({ node, reason }) => (node ? `${node}: ${reason}` : reason)).join('; ')}`
    case 'plan.cancelled':
      return `plan cancelled by ${nameOf(data.by)}${because(data.reason)}`
    case 'plan.staled':
      return `stale: ${data.difference.join('; ')}`
    case 'operation.requested':
      return `run by ${nameOf(data.by)}: ${data.reason}`
    case 'operation.overridden':
      return `overridden by ${nameOf(data.by)}: ${data.checks.join(', ')}`
    case 'operation.progressed':
      return data.nodes
        .filter(({ node, outcome }) => run?.nodes.get(node)?.outcome !== outcome)
        .map(({ node, outcome, note }) => `${node} ${outcome}${note ? ` (${note})` : ''}`)
        .join(', ')
    case 'operation.paused':
      // Whoever sees the operation reads this; who froze everything and why is for whoever sees all clusters.
      return data.gates.includes(FROZEN) ? 'paused by a freeze' : `paused${byAndWhy(data)}`
    case 'operation.resumed':
    case 'operation.cancel-requested':
      return `${name.slice('operation.'.length)}${byAndWhy(data)}`
    case 'operation.rate-changed':
      return `rate${data.by ? ` by ${nameOf(data.by)}` : ''}: ${rateText(data.rate)}`
    case 'operation.undoing':
      return `undoing: ${data.reason}`
    case 'operation.taken-up':
      return `taken up again after the exporter had stopped${byAndFrom(data)}`
    case 'operation.verifying':
      return 'reading back'
    case 'operation.compared': {
      const { checked, same, different, missing } = data
      return `looked again at ${count(checked)} keys: ${count(same)} same, ${count(different)} different, ${count(missing)} missing`
    }
    case 'operation.ended':
      return data.summary.startsWith(`${data.state}: `) ? data.summary : `${data.state}: ${data.summary}`
    case 'operation.reconciled':
      return `${data.node} is back: ${data.done}`
    default:
      return ''
  }
}

function countsIn({ changes, counts }: { changes: readonly unknown[]; counts: Record<string, number> }) {
  const listed = Object.entries(counts).map(([name, number]) => `${count(number)} ${name}`)
  return changes.length > 0 || listed.length === 0 ? `${count(changes.length)} changes` : listed.join(', ')
}

function rateText({ keysPerSecond, bytesPerSecond }: Rate): string {
  return [
    ...(keysPerSecond === undefined ? [] : [`${count(keysPerSecond)} keys/s`]),
    ...(bytesPerSecond === undefined ? [] : [`${count(bytesPerSecond)} bytes/s`]),
  ].join(', ')
}

function byAndWhy({ by, reason }: { readonly by?: Actor | undefined; readonly reason: string }): string {
  return `${by ? ` by ${nameOf(by)}` : ''}${because(reason)}`
}

function byAndFrom({ process, from }: EventData<'operation.taken-up'>): string {
  if (process === undefined) return ''
  return `, by ${process}${from === undefined ? '' : ` from ${from}`}`
}

/** `: why`; nothing where nobody said. */
export const because = (reason: string) => (reason === '' ? '' : `: ${reason}`)

export function nameOf({ token, claimedUser, verifiedUser }: Actor): string {
  const user = verifiedUser === undefined ? claimedUser : `${verifiedUser}, verified`
  return user === undefined ? token : `${token} (for ${user})`
}
