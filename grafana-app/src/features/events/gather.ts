import type { StoredEvent } from '../../api/contract'
import { nameOf } from './sentences'

/** One reading of a cluster judges all its checks within this. */
const AT_ONCE_MS = 1000

const CHECK = 'health.changed'

const isOk = ({ data }: StoredEvent) => (data as { ok?: unknown } | null)?.ok === true

/**
 * Checks that changed to the same at once have one cause, so they are one piece of news; every other event stands by
 * itself. In the order given.
 */
export function gather(events: readonly StoredEvent[]): readonly (readonly StoredEvent[])[] {
  const groups: StoredEvent[][] = []
  for (const event of events) {
    const last = groups.at(-1)
    if (last && belongs(event, last[0]!)) last.push(event)
    else groups.push([event])
  }
  return groups
}

const belongs = (event: StoredEvent, first: StoredEvent) =>
  nameOf(event) === CHECK &&
  nameOf(first) === CHECK &&
  event.subject === first.subject &&
  isOk(event) === isOk(first) &&
  Math.abs(Date.parse(event.time) - Date.parse(first.time)) <= AT_ONCE_MS
