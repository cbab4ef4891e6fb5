import { afterEach, beforeEach } from 'vitest'
import type { NewEvent, StoredEvent } from '../../src/contract/events.js'
import type { EventRow } from '../../src/events/chain.js'
import type { EventLog } from '../../src/events/log.js'

/** A log under test, with what only its store can do. */
export interface LogUnderTest {
  readonly log: EventLog
  /**
   * Closes the log, lets `change` rewrite what is stored (nothing, unless given), and opens it again.
   * @param states put in the place of what snapshots of these folds say; undefined takes one away
   */
  reopen(
    change?: (rows: EventRow[]) => EventRow[],
    states?: Readonly<Record<string, unknown>>,
  ): Promise<EventLog>
  remove(): Promise<void>
}

export type OpenLog = () => Promise<LogUnderTest>

/** A log of its own for every test of the suite that calls this: opened before it, removed behind it. */
export function useLog(open: OpenLog): Pick<LogUnderTest, 'log' | 'reopen'> {
  let under: LogUnderTest
  let log: EventLog
  beforeEach(async () => {
    under = await open()
    log = under.log
  })
  afterEach(() => under.remove())
  return {
    get log() {
      return log
    },
    async reopen(change, states) {
      log = await under.reopen(change, states)
      return log
    },
  }
}

/** An event for stream `cluster/…` that says `n`. */
export const failover = (n: number | string): NewEvent => ({
  type: 'cluster.failover',
  data: { shard: 'a', from: 'x', to: String(n) },
})
/** An event for stream `control`. */
export const frozen = (reason: string): NewEvent => ({
  type: 'freeze.changed',
  data: { on: true, reason, by: { token: 'ops' } },
})
/** What `failover` said. */
export const said = (event: StoredEvent) => (event.data as { to: string }).to

/** Every event of a log, page by page. */
export async function readAll(log: EventLog, limit = 100): Promise<StoredEvent[]> {
  const all: StoredEvent[] = []
  for (let after = ''; ;) {
    const page = await log.read({ after, limit })
    if (page.events.length === 0) return all
    all.push(...page.events)
    after = page.next
  }
}

/** The first `count` events that a follower gets. */
export async function followed(log: EventLog, after: string, count: number): Promise<StoredEvent[]> {
  const stop = new AbortController()
  const events: StoredEvent[] = []
  for await (const event of log.follow(after, stop.signal)) {
    events.push(event)
    if (events.length === count) stop.abort()
  }
  return events
}

/** Appends `count` events one by one to `stream`, each behind the last. */
export async function write(log: EventLog, stream: string, count: number): Promise<StoredEvent[]> {
  const written: StoredEvent[] = []
  for (let n = 1; n <= count; n++)
    written.push(...(await log.append([{ stream, expectedVersion: n - 1, events: [failover(n)] }])))
  return written
}
