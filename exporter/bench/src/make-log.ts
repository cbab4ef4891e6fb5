/**
 * `node make-log.js FILE EVENTS` makes an event log of operations that are over, faster than they could be appended. A
 * program of its own: the driver leaves a file to others only when its process ends.
 */
import type { NewEvent } from '../../dist/contract/events.js'
import { chain, NO_HEAD } from '../../dist/events/chain.js'
import { draftAppends, type Author } from '../../dist/events/draft.js'
import type { StreamAppend } from '../../dist/events/log.js'
import { SqliteRestore } from '../../dist/events/stores/sqlite-restore.js'

const EVENTS_AN_OPERATION = 200
const START_MS = Date.parse('2026-01-01T00:00:00Z')
/** Between two events. */
const STEP_MS = 2000

const by = { token: 'ops' }
const body = {
  changes: [],
  counts: { keys: 1_000_000 },
  warnings: [],
  sample: [],
  fingerprint: '',
  estimateSeconds: 60,
  details: {},
}

/** What is told of one warmup: its plan, a checkpoint after the other, its end. */
function operation(id: string): StreamAppend {
  const checkpoint = (done: number) => ({
    type: 'operation.progressed' as const,
    data: {
      nodes: ['10.0.0.1:6379', '10.0.0.2:6379'].map((node) => ({
        node,
        outcome: 'working' as const,
        note: '',
        done,
        total: 1_000_000,
      })),
      checkpoint: { cursor: String(done), slots: [[0, 5460]] },
    },
  })
  return {
    stream: `operation/${id}`,
    events: [
      { type: 'plan.requested', data: { kind: 'warmup', cluster: 'demo', spec: { source: 'old' }, by } },
      { type: 'plan.ready', data: { hash: id, expiresAt: '2030-01-01T00:00:00Z', body } },
      { type: 'operation.requested', data: { hash: id, reason: 'the benchmark', by } },
      ...Array.from({ length: EVENTS_AN_OPERATION - 4 }, (_, n) => checkpoint(n)),
      { type: 'operation.ended', data: { state: 'succeeded', summary: 'all of it' } },
    ],
  }
}

const [path, count] = process.argv.slice(2)
const restore = new SqliteRestore(path!)
let ids = 0
const author: Author = { source: 'slotwise/bench', now: () => new Date(), newId: () => `bench-${ids++}` }
let placed = 0
const timed = (event: NewEvent, n: number): NewEvent => ({
  ...event,
  time: new Date(START_MS + (placed + n) * STEP_MS).toISOString(),
})
while (placed < Number(count)) {
  const { stream, events } = operation(`bench-${placed}`)
  const { rows } = chain(draftAppends([{ stream, events: events.map(timed) }], author), () => NO_HEAD)
  for (const row of rows) restore.event({ ...row, position: String(++placed) })
}
restore.finish(0)
